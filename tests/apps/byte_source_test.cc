#include "apps/replay/byte_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lzma.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <fstream>
#include <string>

#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace catwalk::apps {
namespace {

using tests::HasCode;
using tests::IsOk;

std::string Gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string Xz(const std::string& text) {
  std::string packed(lzma_stream_buffer_bound(text.size()), '\0');
  size_t size = 0;
  lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                          reinterpret_cast<uint8_t*>(packed.data()), &size, packed.size());
  packed.resize(size);
  return packed;
}

// Bytes that pack badly, so that a packed file has more than one block to read.
std::string Noise(size_t size) {
  std::string text(size, '\0');
  uint32_t x = 1;
  for (char& c : text) c = static_cast<char>('a' + ((x = x * 1664525 + 1013904223) >> 24) % 26);
  return text;
}

class ByteSourceTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& bytes) {
    const std::string path = folder_ / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  Result<std::string> ReadAll(const std::string& path) {
    ASSIGN_OR_RETURN(const auto source, OpenByteSource(path, {}));
    std::string text;
    std::array<char, 1000> buffer;
    while (true) {
      ASSIGN_OR_RETURN(const size_t got, source->Read(buffer));
      if (got == 0) break;
      text.append(buffer.data(), got);
    }
    EXPECT_EQ(source->consumed_bytes(), source->total_bytes());
    return text;
  }

  tests::TempDir folder_;
};

TEST_F(ByteSourceTest, ReadsPlainGzipAndXzAlike) {
  for (const std::string& text : {std::string("short"), std::string(), Noise(300'000)}) {
    EXPECT_THAT(ReadAll(Write("plain", text)), tests::IsOkAndHolds(text));
    EXPECT_THAT(ReadAll(Write("a.gz", Gzip(text))), tests::IsOkAndHolds(text));
    EXPECT_THAT(ReadAll(Write("a.xz", Xz(text))), tests::IsOkAndHolds(text));
  }
}

TEST_F(ByteSourceTest, KnowsPackedFilesByTheirBytesNotTheirName) {
  EXPECT_THAT(ReadAll(Write("a.tsv", Xz("text"))), tests::IsOkAndHolds("text"));
  EXPECT_THAT(ReadAll(Write("b.gz", "text")), tests::IsOkAndHolds("text"));
}

TEST_F(ByteSourceTest, ReadsMembersOneAfterTheOther) {
  EXPECT_THAT(ReadAll(Write("a.gz", Gzip("one ") + Gzip("two"))), tests::IsOkAndHolds("one two"));
  EXPECT_THAT(ReadAll(Write("a.xz", Xz("one ") + Xz("two"))), tests::IsOkAndHolds("one two"));
}

TEST_F(ByteSourceTest, ReportsACutOffFile) {
  const std::string text = Noise(200'000);
  const std::string gzip = Gzip(text), xz = Xz(text);
  EXPECT_THAT(ReadAll(Write("a.gz", gzip.substr(0, gzip.size() / 2))), HasCode(Code::kCorruption));
  EXPECT_THAT(ReadAll(Write("a.xz", xz.substr(0, xz.size() / 2))), HasCode(Code::kCorruption));
}

TEST_F(ByteSourceTest, ReportsDamage) {
  const std::string text = Noise(200'000);
  for (std::string packed : {Gzip(text), Xz(text)}) {
    packed[packed.size() / 2] = static_cast<char>(packed[packed.size() / 2] ^ 0x55);
    EXPECT_THAT(ReadAll(Write("damaged", packed)), HasCode(Code::kCorruption));
  }
}

TEST_F(ByteSourceTest, SaysWhichFileIsMissing) {
  const auto opened = OpenByteSource(folder_ / "nothing.tsv", {});
  EXPECT_THAT(opened, HasCode(Code::kNotFound));
  EXPECT_THAT(opened, tests::HasMessage(::testing::HasSubstr("nothing.tsv")));
}

TEST_F(ByteSourceTest, RefusesAFolder) { EXPECT_THAT(ReadAll(folder_.string()), HasCode(Code::kInvalidArgument)); }

TEST(SourceName, IsTheFilesNameWithoutPacking) {
  EXPECT_EQ(SourceName("data/renttherunway.tsv.xz"), "renttherunway.tsv");
  EXPECT_EQ(SourceName("clicks.jsonl.gz"), "clicks.jsonl");
  EXPECT_EQ(SourceName("plain.csv"), "plain.csv");
  EXPECT_EQ(SourceName("-"), "stdin");
}

}  // namespace
}  // namespace catwalk::apps
