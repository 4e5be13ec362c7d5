#include "schemas/codec.h"

#include <set>

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "schemas/events.pb.h"
#include "schemas/internal.pb.h"
#include "schemas/outputs.pb.h"
#include "schemas/topics.h"
#include "tests/schemas/golden.h"

namespace catwalk::schemas {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::HasSubstr;

constexpr int32_t kSchemaId = 0x01020304;

std::string Encoded(const google::protobuf::Message& message, Encoding encoding) {
  std::string bytes = "left over";
  const Status status = Encode(message, encoding, kSchemaId, &bytes);
  EXPECT_TRUE(status.ok()) << status;
  return bytes;
}

class GoldenBytes : public testing::TestWithParam<Golden> {
 protected:
  void ExpectDecodes(const std::string& bytes) const {
    const auto message = GetParam().NewMessage();
    const auto violation = Decode(bytes, message.get());
    ASSERT_FALSE(violation) << violation->message;
    EXPECT_TRUE(MessageDifferencer::Equals(*message, *GetParam().Message())) << message->ShortDebugString();
  }
};

TEST_P(GoldenBytes, AreWhatEncodeWrites) {
  const auto message = GetParam().Message();
  ASSERT_NE(message, nullptr) << "the example is not a " << GetParam().type->name();
  EXPECT_EQ(Encoded(*message, Encoding::kProtobuf), GetParam().Protobuf());
  EXPECT_EQ(Encoded(*message, Encoding::kConfluent), GetParam().Confluent());
  EXPECT_EQ(Encoded(*message, Encoding::kJson), GetParam().json);
}

TEST_P(GoldenBytes, AreReadAsWhatWasWritten) {
  ExpectDecodes(GetParam().Protobuf());
  ExpectDecodes(GetParam().Confluent());
  ExpectDecodes(GetParam().json);
}

TEST_P(GoldenBytes, ReplaceWhatAMessageHeldBefore) {
  for (const std::string& bytes : {GetParam().Protobuf(), GetParam().Confluent(), GetParam().json}) {
    const auto message = GetParam().Message();
    ASSERT_FALSE(Decode(bytes, message.get()));
    EXPECT_TRUE(MessageDifferencer::Equals(*message, *GetParam().Message()));
  }
}

INSTANTIATE_TEST_SUITE_P(EachMessage, GoldenBytes, testing::ValuesIn(Goldens()),
                         [](const auto& example) { return example.param.type->name(); });

TEST(GoldenTable, HasEveryMessageThatIsTheValueOfATopic) {
  std::set<const google::protobuf::Descriptor*> covered;
  for (const Golden& golden : Goldens()) covered.insert(golden.type);
  for (const TopicSpec& spec : AllTopics()) {
    EXPECT_TRUE(spec.value == nullptr || covered.contains(spec.value)) << spec.default_name;
  }
}

TEST(Decode, KeepsUnknownFieldsForEncode) {
  const std::string unknown = FromHex("a20603616263" "a80601");  // field 100: "abc", field 101: 1
  const Golden& golden = Goldens().front();
  for (const std::string& bytes : {golden.Protobuf() + unknown, golden.Confluent() + unknown}) {
    const auto message = golden.NewMessage();
    ASSERT_FALSE(Decode(bytes, message.get()));
    EXPECT_EQ(Encoded(*message, Encoding::kProtobuf), golden.Protobuf() + unknown);
    EXPECT_EQ(Encoded(*message, Encoding::kConfluent), golden.Confluent() + unknown);
  }
}

TEST(Decode, ReadsConfluentFramesWhateverTheirSchema) {
  const Golden& golden = Goldens().front();
  for (const char* frame : {"000000000700",            // [0], short
                            "00000000070200",          // [0], long
                            "0000000007040a0c",        // [5, 6]
                            "0000000007028002"}) {     // [128]
    Click click;
    EXPECT_FALSE(Decode(FromHex(frame) + golden.Protobuf(), &click)) << frame;
    EXPECT_EQ(click.event_id(), "e1") << frame;
  }
}

TEST(Decode, RefusesDamagedConfluentFrames) {
  for (const char* frame : {"00", "0000000007", "000000000702", "000000000780", "000000000701", "0000000007ffffffff0f",
                            "0000000007ffffffffffffffffffff"}) {
    Click click;
    const auto violation = Decode(FromHex(frame), &click);
    ASSERT_TRUE(violation) << frame;
    EXPECT_EQ(violation->rule, kUndecodable);
    EXPECT_THAT(violation->message, HasSubstr("frame"));
  }
}

TEST(Decode, RefusesNoBytesAtAll) {
  Click click;
  const auto violation = Decode("", &click);
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->rule, kUndecodable);
  EXPECT_EQ(violation->message,
            "the value is empty: send a Click as Protobuf, as Protobuf in Confluent's frame or as a JSON object");
}

TEST(Decode, RefusesWhatIsNotProtobuf) {
  google::protobuf::LogSilencer quiet;  // invalid UTF-8 is logged by Protobuf itself
  for (const char* hex : {"0aff", "68656c6c6f", "ff", "0a02c328"}) {
    Click click;
    const auto violation = Decode(FromHex(hex), &click);
    ASSERT_TRUE(violation) << hex;
    EXPECT_EQ(violation->rule, kUndecodable);
    EXPECT_THAT(violation->message, HasSubstr("bytes are not Protobuf"));
  }
}

TEST(Encode, SortsMapsSoThatEqualMessagesGiveEqualBytes) {
  Profile up;
  Profile down;
  for (int i = 0; i < 50; ++i) {
    (*up.mutable_attributes())["k" + std::to_string(i)] = "v";
    (*down.mutable_attributes())["k" + std::to_string(49 - i)] = "v";
  }
  for (const Encoding encoding : {Encoding::kProtobuf, Encoding::kConfluent, Encoding::kJson}) {
    EXPECT_EQ(Encoded(up, encoding), Encoded(down, encoding));
  }
}

TEST(Encode, FramesANestedTypeByItsPath) {
  Recommendation::Item item;
  item.set_design_id("d");
  EXPECT_EQ(Encoded(item, Encoding::kConfluent), FromHex("0001020304" "040000" "0a0164"));
}

TEST(Encode, RefusesWhatCouldNotBeReadAgain) {
  std::string bytes;
  EXPECT_EQ(Encode(Click(), Encoding::kProtobuf, 0, &bytes).code(), Code::kInvalidArgument);
  EXPECT_EQ(Encode(Click(), Encoding::kConfluent, -1, &bytes).code(), Code::kInvalidArgument);
  Click click;
  EXPECT_FALSE(Decode(Encoded(Click(), Encoding::kConfluent), &click));
  EXPECT_FALSE(Decode(Encoded(Click(), Encoding::kJson), &click));
}

}  // namespace
}  // namespace catwalk::schemas
