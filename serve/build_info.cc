#include "serve/build_info.h"

#include <prometheus/gauge.h>

namespace catwalk::serve {

void ExportBuildInfo(const BuildInfo& info, prometheus::Registry* registry) {
  auto& family =
      prometheus::BuildGauge().Name("catwalk_build_info").Help("What is running, in the labels.").Register(*registry);
  family
      .Add({{"version", info.version},
            {"compiler", info.compiler},
            {"build_type", info.build_type},
            {"rdkafka", info.rdkafka}})
      .Set(1);
}

}  // namespace catwalk::serve
