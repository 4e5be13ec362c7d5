#pragma once

#include <memory>
#include <string>

#include "apps/replay/byte_source.h"

namespace catwalk::apps {

/// Unpacks xz (any number of streams one after the other). `name` is for messages.
Result<std::unique_ptr<ByteSource>> MakeXzSource(std::unique_ptr<ByteSource> packed, std::string name);

}  // namespace catwalk::apps
