#include "operators/design_decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/operators/design_input.h"
#include "tests/operators/fake_context.h"

namespace catwalk::operators {
namespace {

std::string RuleOf(const std::string& bytes) {
  DesignInput input;
  input.AddBytes(bytes);
  auto items = input.Items();
  FakeContext context;
  DesignDecode decode;
  EXPECT_TRUE(decode.Process(items, context).ok());
  EXPECT_EQ(items[0].done, !context.rejected().empty());
  return context.rejected().empty() ? "" : context.rejected()[0].rule;
}

TEST(DesignDecode, ReadsAnUpdateAndNamesItsDesign) {
  DesignInput input;
  input.Add(MakeUpdate("d1", 5, 4));
  auto items = input.Items();
  FakeContext context;
  DesignDecode decode;
  ASSERT_TRUE(decode.Process(items, context).ok());
  EXPECT_FALSE(items[0].done);
  EXPECT_EQ(items[0].update.design_id(), "d1");
  EXPECT_EQ(items[0].key, models::KeyOf("d1"));
}

TEST(DesignDecode, RejectsWhatCannotBeCounted) {
  EXPECT_EQ(RuleOf("\x0a\xff\xff"), "undecodable");
  EXPECT_EQ(RuleOf(MakeUpdate("", 5, 1).SerializeAsString()), "missing_design_id");
  EXPECT_EQ(RuleOf(MakeUpdate("d1", 0, 1).SerializeAsString()), "time_not_positive");
  EXPECT_EQ(RuleOf(MakeUpdate("d1", 5, std::numeric_limits<float>::quiet_NaN()).SerializeAsString()), "not_finite");
  EXPECT_EQ(RuleOf(MakeUpdate("d1", 5, std::numeric_limits<float>::infinity()).SerializeAsString()), "not_finite");
  EXPECT_EQ(RuleOf(MakeUpdate("d1", 5, -1).SerializeAsString()), "negative_amount");
  EXPECT_EQ(RuleOf(MakeUpdate("d1", 5, 0).SerializeAsString()), "");
}

TEST(DesignDecode, GoesOnAfterABadRecordAndForgetsWhatTheItemHeld) {
  DesignInput input;
  auto with_vector = MakeUpdate("d1", 5, 1);
  with_vector.add_user_vector(1);
  input.Add(with_vector);
  input.AddBytes("\x0a\xff\xff");
  input.Add(MakeUpdate("d2", 6, 1));
  auto items = input.Items();
  FakeContext context;
  DesignDecode decode;
  ASSERT_TRUE(decode.Process(items, context).ok());
  EXPECT_TRUE(items[1].done);
  EXPECT_EQ(items[2].update.design_id(), "d2");
  items[0].Reset(*items[2].record);
  ASSERT_TRUE(decode.Process({items.data(), 1}, context).ok());
  EXPECT_EQ(items[0].update.user_vector_size(), 0);
}

}  // namespace
}  // namespace catwalk::operators
