// One record in ten breaks the contract.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <iostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/installation.h"

namespace catwalk::tests {
namespace {

constexpr int kRecords = 15'000;
constexpr int kRuns = 3;
constexpr int kGarbageEvery = 10;
constexpr int kUsers = 1'000;

double ChildSeconds() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

/// Each of a kind of its own: no JSON, no user, a time that cannot be, and each in bytes of its own.
std::string Garbage(int number) {
  const std::string id = std::to_string(number);
  switch (number / kGarbageEvery % 3) {
    case 0: return "garbage " + id;
    case 1: return R"({"event_id":"g)" + id + R"(","design_id":"d1","occurred_at_ms":1690000000000})";
    default: return R"({"event_id":"g)" + id + R"(","user_id":"u","design_id":"d1","occurred_at_ms":-)" + id + "}";
  }
}

/// Clicks e<from>, …, of them every tenth garbage if wanted.
std::vector<schemas::OutgoingRecord> Input(int from, std::set<std::string>* garbage) {
  std::vector<schemas::OutgoingRecord> records;
  for (int i = from; i < from + kRecords; ++i) {
    auto& record = records.emplace_back();
    record.topic = "clicks";
    record.key = "u" + std::to_string(i % kUsers);
    record.value = R"({"event_id":"e)" + std::to_string(i) + R"(","user_id":")" + record.key + R"(","design_id":"d)" +
                   std::to_string(i % 997) + R"(","occurred_at_ms":1690000000000})";
    if (garbage != nullptr && i % kGarbageEvery == 0) garbage->insert(record.value = Garbage(i));
  }
  return records;
}

struct Outcome {
  double cpu_seconds = 0;
  std::vector<std::string> letters;
};

/// Designs are known before: what a list costs depends on them.
Outcome WorkOff(std::vector<schemas::OutgoingRecord> input, size_t lists) {
  const Installation installation(SharedKafka());
  installation.Append(Input(0, nullptr));
  installation.RunToEnd();
  installation.Append(std::move(input));
  const double before = ChildSeconds();
  installation.RunToEnd();
  Outcome outcome{.cpu_seconds = ChildSeconds() - before, .letters = installation.ValuesOf("dead-letters")};
  EXPECT_EQ(installation.Lists().size(), kRecords + lists);
  return outcome;
}

TEST(Garbage, CostsLessThanItsShareAndIsKeptOnce) {
  std::set<std::string> garbage;
  const auto clean = Input(kRecords, nullptr), mixed = Input(kRecords, &garbage);
  // The least of several runs: what else this machine does only adds.
  double clean_seconds = 1e9, mixed_seconds = 1e9;
  for (int run = 0; run < kRuns; ++run) {
    const auto without = WorkOff(clean, kRecords), with = WorkOff(mixed, kRecords - garbage.size());
    clean_seconds = std::min(clean_seconds, without.cpu_seconds);
    mixed_seconds = std::min(mixed_seconds, with.cpu_seconds);
    EXPECT_TRUE(without.letters.empty());
    EXPECT_EQ(with.letters.size(), garbage.size());
    EXPECT_EQ(std::set<std::string>(with.letters.begin(), with.letters.end()), garbage);
  }
  std::cout << kRecords << " clicks take " << clean_seconds << " CPU-s; with every tenth garbage " << mixed_seconds << "\n";
  EXPECT_LT(mixed_seconds, clean_seconds / 0.9);
}

}  // namespace
}  // namespace catwalk::tests
