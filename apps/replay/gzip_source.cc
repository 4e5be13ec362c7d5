#include "apps/replay/gzip_source.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace catwalk::apps {
namespace {

constexpr size_t kInputBytes = 64 << 10;
constexpr int kGzipOnly = 16 + MAX_WBITS;

class GzipSource final : public ByteSource {
 public:
  GzipSource(std::unique_ptr<ByteSource> packed, std::string name)
      : packed_(std::move(packed)), name_(std::move(name)), input_(kInputBytes) {}
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;
  ~GzipSource() override { inflateEnd(&stream_); }

  bool Init() { return inflateInit2(&stream_, kGzipOnly) == Z_OK; }

  Result<size_t> Read(std::span<char> buffer) override {
    const size_t room = std::min<size_t>(buffer.size(), std::numeric_limits<uInt>::max());
    stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream_.avail_out = static_cast<uInt>(room);
    while (stream_.avail_out == room) {
      ASSIGN_OR_RETURN(const bool more, Refill());
      if (!more) break;
      RETURN_IF_ERROR(Step());
    }
    return room - stream_.avail_out;
  }

  uint64_t consumed_bytes() const override { return packed_->consumed_bytes(); }
  uint64_t total_bytes() const override { return packed_->total_bytes(); }
  bool MayBlock() const override { return stream_.avail_in == 0 && packed_->MayBlock(); }

 private:
  // False at the end of the file; an end inside a member is damage.
  Result<bool> Refill() {
    if (stream_.avail_in > 0) return true;
    ASSIGN_OR_RETURN(const size_t got, packed_->Read(input_));
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(got);
    if (got == 0 && inside_member_)
      return Status(Code::kCorruption, name_ + " ends in the middle of its gzip data; get a complete copy");
    return got > 0;
  }

  Status Step() {
    inside_member_ = true;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    if (code == Z_STREAM_END) {
      inside_member_ = false;
      return inflateReset(&stream_) == Z_OK ? Status::Ok() : Damaged();
    }
    return code == Z_OK || code == Z_BUF_ERROR ? Status::Ok() : Damaged();
  }

  Status Damaged() const {
    return {Code::kCorruption, name_ + " is damaged (gzip: " + (stream_.msg ? stream_.msg : "unknown error") +
                                   "); get a complete copy"};
  }

  std::unique_ptr<ByteSource> packed_;
  std::string name_;
  std::vector<char> input_;
  z_stream stream_{};
  bool inside_member_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> MakeGzipSource(std::unique_ptr<ByteSource> packed, std::string name) {
  auto source = std::make_unique<GzipSource>(std::move(packed), std::move(name));
  if (!source->Init()) return Status(Code::kInternal, "zlib does not start; is memory short?");
  return std::unique_ptr<ByteSource>(std::move(source));
}

}  // namespace catwalk::apps
