// What reading one click costs, by encoding. The figures to hold are in docs/benchmarks.md.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "schemas/codec.h"
#include "schemas/event_time.h"
#include "schemas/events.pb.h"
#include "schemas/rules.h"

namespace catwalk::schemas {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;

Click Example() {
  Click click;
  click.set_event_id("e4323187f-0000123456");
  click.set_user_id("u0012345");
  click.set_design_id("d001234");
  click.set_occurred_at_ms(kNow);
  click.set_action(Click::ACTION_DWELL);
  click.set_dwell_ms(1234.5);
  click.set_session_id("s-0123456789abcdef");
  click.set_surface("home");
  click.set_position(3);
  return click;
}

std::string Encoded(Encoding encoding) {
  std::string bytes;
  if (!Encode(Example(), encoding, 7, &bytes).ok()) std::abort();
  return bytes;
}

void CountValues(const std::string& value, benchmark::State& state) {
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(value.size()));
}

void BM_Decode(benchmark::State& state, Encoding encoding) {
  const std::string value = Encoded(encoding);
  Click click;
  for (auto _ : state) {
    if (Decode(value, &click)) std::abort();
    benchmark::DoNotOptimize(click);
  }
  CountValues(value, state);
}
BENCHMARK_CAPTURE(BM_Decode, protobuf, Encoding::kProtobuf);
BENCHMARK_CAPTURE(BM_Decode, confluent, Encoding::kConfluent);
BENCHMARK_CAPTURE(BM_Decode, json, Encoding::kJson);

void BM_PeekEventTime(benchmark::State& state, Encoding encoding) {
  const std::string value = Encoded(encoding);
  if (PeekEventTime(value) != kNow) std::abort();
  for (auto _ : state) benchmark::DoNotOptimize(PeekEventTime(value));
  CountValues(value, state);
}
BENCHMARK_CAPTURE(BM_PeekEventTime, protobuf, Encoding::kProtobuf);
BENCHMARK_CAPTURE(BM_PeekEventTime, confluent, Encoding::kConfluent);
BENCHMARK_CAPTURE(BM_PeekEventTime, json, Encoding::kJson);

void BM_Check(benchmark::State& state) {
  const Click click = Example();
  if (Check(click, kNow)) std::abort();
  for (auto _ : state) benchmark::DoNotOptimize(Check(click, kNow).has_value());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Check);

}  // namespace
}  // namespace catwalk::schemas
