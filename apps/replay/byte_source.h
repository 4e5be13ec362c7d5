#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "base/status.h"

namespace catwalk::apps {

/// A file or standard input as a stream of bytes, unpacked if it is packed. One thread.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills some of `buffer`; 0 at the end. kCorruption if a packed file is damaged or cut off.
  virtual Result<size_t> Read(std::span<char> buffer) = 0;
  /// How much of the file, as it lies on the disk, has been read, and how large it is (0: not known, as for a pipe).
  virtual uint64_t consumed_bytes() const = 0;
  virtual uint64_t total_bytes() const = 0;
  /// True if Read would wait for someone to write to a pipe.
  virtual bool MayBlock() const = 0;
};

/// Opens `path` ("-": standard input). gzip and xz are known by their first bytes, whatever the name. A Read that waits
/// for a pipe gives up as if at the end once `stop` is requested. kNotFound, kInvalidArgument.
Result<std::unique_ptr<ByteSource>> OpenByteSource(const std::string& path, std::stop_token stop);

/// The file's name without folders and without .gz or .xz ("stdin" for "-"): what event ids are made from.
std::string SourceName(const std::string& path);

}  // namespace catwalk::apps
