#pragma once

#include <memory>
#include <string>

#include "apps/replay/byte_source.h"

namespace catwalk::apps {

/// Unpacks gzip (RFC 1952, any number of members one after the other). `name` is for messages.
Result<std::unique_ptr<ByteSource>> MakeGzipSource(std::unique_ptr<ByteSource> packed, std::string name);

}  // namespace catwalk::apps
