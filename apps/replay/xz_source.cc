#include "apps/replay/xz_source.h"

#include <lzma.h>

#include <utility>
#include <vector>

namespace catwalk::apps {
namespace {

constexpr size_t kInputBytes = 64 << 10;
// Level 9 of xz needs 65 MiB to unpack; nothing honest needs more than this.
constexpr uint64_t kMemoryLimit = 256ULL << 20;

class XzSource final : public ByteSource {
 public:
  XzSource(std::unique_ptr<ByteSource> packed, std::string name)
      : packed_(std::move(packed)), name_(std::move(name)), input_(kInputBytes) {}
  XzSource(const XzSource&) = delete;
  XzSource& operator=(const XzSource&) = delete;
  ~XzSource() override { lzma_end(&stream_); }

  bool Init() { return lzma_stream_decoder(&stream_, kMemoryLimit, LZMA_CONCATENATED) == LZMA_OK; }

  Result<size_t> Read(std::span<char> buffer) override {
    stream_.next_out = reinterpret_cast<uint8_t*>(buffer.data());
    stream_.avail_out = buffer.size();
    while (!ended_ && stream_.avail_out == buffer.size()) {
      RETURN_IF_ERROR(Refill());
      RETURN_IF_ERROR(Step());
    }
    return buffer.size() - stream_.avail_out;
  }

  uint64_t consumed_bytes() const override { return packed_->consumed_bytes(); }
  uint64_t total_bytes() const override { return packed_->total_bytes(); }
  bool MayBlock() const override { return stream_.avail_in == 0 && packed_->MayBlock(); }

 private:
  Status Refill() {
    if (stream_.avail_in > 0 || action_ == LZMA_FINISH) return Status::Ok();
    ASSIGN_OR_RETURN(const size_t got, packed_->Read(input_));
    stream_.next_in = reinterpret_cast<const uint8_t*>(input_.data());
    stream_.avail_in = got;
    if (got == 0) action_ = LZMA_FINISH;
    return Status::Ok();
  }

  Status Step() {
    const lzma_ret code = lzma_code(&stream_, action_);
    ended_ = code == LZMA_STREAM_END;
    if (code == LZMA_OK || ended_) return Status::Ok();
    if (code == LZMA_MEMLIMIT_ERROR)
      return {Code::kInvalidArgument, name_ + " needs over 256 MiB to unpack; pipe it through xz -dc"};
    const bool cut = code == LZMA_BUF_ERROR;
    const std::string what = cut ? " ends in the middle of its xz data" : " is damaged (xz)";
    return {Code::kCorruption, name_ + what + "; get a complete copy"};
  }

  std::unique_ptr<ByteSource> packed_;
  std::string name_;
  std::vector<char> input_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
  lzma_action action_ = LZMA_RUN;
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> MakeXzSource(std::unique_ptr<ByteSource> packed, std::string name) {
  auto source = std::make_unique<XzSource>(std::move(packed), std::move(name));
  if (!source->Init()) return Status(Code::kInternal, "liblzma does not start; is memory short?");
  return std::unique_ptr<ByteSource>(std::move(source));
}

}  // namespace catwalk::apps
