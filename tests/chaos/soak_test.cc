// Many users for a long time in little memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "serve/http_client.h"
#include "tests/integration/installation.h"

namespace catwalk::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::Eventually;

constexpr int64_t kDayMs = 86'400'000;
constexpr double kFlat = 0.05;

struct Soak {
  int64_t events;
  uint64_t users;
  double designs;
  uint64_t ceiling_mib;
};

/// CATWALK_TEST_SOAK_EVENTS: of the long form, so many.
Soak Extent() {
  const char* events = std::getenv("CATWALK_TEST_SOAK_EVENTS");
  if (events == nullptr && std::getenv("CATWALK_TEST_LONG") == nullptr)
    return {.events = 300'000, .users = 150'000, .designs = 5'000, .ceiling_mib = 320};
  return {.events = events != nullptr ? std::stoll(events) : 20'000'000, .users = 2'000'000, .designs = 10'000, .ceiling_mib = 512};
}

/// Looks at a process's memory five times a second, from when it is made.
class MemoryWatch {
 public:
  explicit MemoryWatch(const tests::Process& process) : process_(process), thread_([this](const std::stop_token& stop) { Watch(stop); }) {}

  /// All that was seen, in MiB; ends the watch.
  std::vector<double> Take() {
    thread_ = {};
    return std::move(resident_);
  }

 private:
  void Watch(const std::stop_token& stop) {
    for (; !stop.stop_requested(); std::this_thread::sleep_for(milliseconds(200))) resident_.push_back(tests::MemoryMiB(process_, "VmRSS"));
  }

  const tests::Process& process_;
  std::vector<double> resident_;
  std::jthread thread_;
};

/// A day of clicks, users evenly and designs by Zipf, in JSON lines.
class Clicks {
 public:
  explicit Clicks(const Soak& soak) : soak_(soak), begin_ms_(SystemClock().NowMs() - kDayMs) {}

  std::string Take(int64_t count) {
    std::string lines;
    for (; count > 0; --count, ++sent_) {
      const auto design = static_cast<int>(std::pow(soak_.designs, std::uniform_real_distribution<double>(0, 1)(random_))) - 1;
      lines += R"({"event_id":"soak-)" + std::to_string(sent_) + R"(","user_id":"user-)" + std::to_string(random_() % soak_.users) +
               R"(","design_id":"design-)" + std::to_string(design) + R"(","occurred_at_ms":)" +
               std::to_string(begin_ms_ + sent_ * kDayMs / soak_.events) + "}\n";
    }
    return lines;
  }

 private:
  const Soak soak_;
  const int64_t begin_ms_;
  std::mt19937_64 random_{1};
  int64_t sent_ = 0;
};

/// Posted until it is taken: what is not yet processed has a bound.
void Post(serve::HttpClient& client, const std::string& lines) {
  for (int refused = 0; refused < 6'000; ++refused) {
    const auto response = client.Post("/v1/events/clicks", "application/x-ndjson", lines);
    ASSERT_TRUE(response.ok()) << response.status().message();
    if (response->status / 100 == 2) return;
    ASSERT_EQ(response->status, 429) << response->body;
    std::this_thread::sleep_for(milliseconds(10));
  }
  FAIL() << "refused for a minute";
}

/// How much of what they may hold caches are given.
double CacheShare(const std::string& url) {
  const std::string text = tests::Fetch(url + "/metrics"), line = "\ncatwalk_cache_share ";
  const auto at = text.find(line);
  return at == std::string::npos ? -1 : std::stod(text.substr(at + line.size()));
}

double Median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

/// After warm-up, the first half of what remains beside the second.
void ExpectFlat(const std::vector<double>& resident) {
  const auto warm = resident.begin() + static_cast<std::ptrdiff_t>(resident.size() * 3 / 10);
  const auto middle = warm + (resident.end() - warm) / 2;
  const double before = Median({warm, middle}), after = Median({middle, resident.end()});
  std::cout << "median after warm-up " << before << " MiB, then " << after << " MiB" << std::endl;
  EXPECT_LT(std::abs(after - before), kFlat * before);
}

TEST(Soak, StaysBelowItsCeilingAndIsFlat) {
  const Soak soak = Extent();
  tests::Installation installation("");
  installation.Configure("run:\n  memory_bytes: " + std::to_string(soak.ceiling_mib << 20) +
                         "\nembedded:\n  max_backlog_bytes: 16777216\nusers.workers: 2\n");
  const auto process = installation.Start();
  const std::string url = installation.Url();
  auto client = serve::HttpClient::Connect(url);
  ASSERT_TRUE(client.ok()) << client.status().message();
  Clicks clicks(soak);
  MemoryWatch watch(*process);
  constexpr int64_t kPerPost = 1'000;
  const int64_t posts = soak.events / kPerPost;
  for (int64_t post = 0; post < posts && !::testing::Test::HasFailure(); ++post) {
    Post(**client, clicks.Take(kPerPost));
    if ((post + 1) * 20 % posts < 20)
      std::cout << (post + 1) * kPerPost << " events sent, " << tests::MemoryMiB(*process, "VmRSS") << " MiB, caches have "
                << CacheShare(url) << " of what they may" << std::endl;
  }
  EXPECT_TRUE(Eventually([&] { return installation.UserMetric("catwalk_lag_records") == 0; }, seconds(300)));
  ExpectFlat(watch.Take());
  std::cout << "at most " << tests::MemoryMiB(*process, "VmHWM") << " MiB of " << soak.ceiling_mib << std::endl;
  EXPECT_LT(tests::MemoryMiB(*process, "VmHWM"), static_cast<double>(soak.ceiling_mib));
  EXPECT_EQ(process->Terminate(seconds(20)), 0) << installation.ErrorsOf(0);
  EXPECT_EQ(installation.EndOf("recommendations"), posts * kPerPost);
}

}  // namespace
}  // namespace catwalk::chaos
