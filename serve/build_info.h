#pragma once

#include <prometheus/registry.h>

#include <string>

namespace catwalk::serve {

/// What is running.
struct BuildInfo {
  std::string version;     // of Catwalk
  std::string compiler;    // "gcc 12.2.0"
  std::string build_type;  // "release"
  std::string rdkafka;     // librdkafka's version
};

/// Adds catwalk_build_info, a gauge that is always 1, with the above as labels.
void ExportBuildInfo(const BuildInfo& info, prometheus::Registry* registry);

}  // namespace catwalk::serve
