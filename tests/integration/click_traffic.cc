#include "tests/integration/click_traffic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "schemas/outputs.pb.h"
#include "streams/kafka_log.h"

namespace catwalk::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kUsers = 200;

std::string UserId(int number) { return "u" + std::to_string(number); }

}  // namespace

ClickTraffic::ClickTraffic(const Installation& installation, int32_t partitions)
    : clicks_(installation.TopicName("clicks")), partitions_(partitions) {
  streams::KafkaOptions options;
  options.bootstrap = SharedKafka();
  log_ = std::move(streams::OpenKafkaLog(nullptr, clock_, options)).value();
  writer_ = std::move(log_->OpenWriter()).value();
  reader_ = std::move(log_->OpenReader()).value();
  streams::Offsets from;
  for (int32_t i = 0; i < partitions; ++i) from[{installation.TopicName("recommendations"), i}] = 0;
  EXPECT_TRUE(reader_->Assign(from).ok());
}

void ClickTraffic::Send(int events) {
  std::vector<schemas::OutgoingRecord> records;
  for (int i = 0; i < events; ++i, ++sent_) {
    auto& record = records.emplace_back();
    record.topic = clicks_;
    record.key = UserId(sent_ % kUsers);
    record.value = R"({"event_id":"e)" + std::to_string(sent_) + R"(","user_id":")" + record.key + R"(","design_id":"d)" +
                   std::to_string(sent_ % 37) + R"(","occurred_at_ms":1690000000000})";
  }
  EXPECT_TRUE(writer_->Append(std::move(records)).ok());
  EXPECT_TRUE(writer_->Sync(std::chrono::seconds(10)).ok());
}

void ClickTraffic::Watch(milliseconds wait) {
  std::vector<schemas::Record> records;
  EXPECT_TRUE(reader_->Poll(wait, 1 << 22, &records).ok());
  const auto now = steady_clock::now();
  for (const auto& record : records) {
    schemas::Recommendation list;
    EXPECT_TRUE(list.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())));
    EXPECT_TRUE(listed_.insert(list.event_id()).second) << "two lists for " << list.event_id();
    int& latest = latest_[record.partition];
    latest = std::max(latest, std::stoi(list.event_id().substr(1)));
    const auto before = seen_.try_emplace(record.partition, now).first;
    milliseconds& gap = gaps_[record.partition];
    gap = std::max(gap, std::chrono::duration_cast<milliseconds>(now - std::exchange(before->second, now)));
  }
}

void ClickTraffic::Flow() {
  Send(10);
  Watch(milliseconds(20));
}

void ClickTraffic::FlowFor(milliseconds time) {
  for (const auto end = steady_clock::now() + time; steady_clock::now() < end;) Flow();
}

bool ClickTraffic::AllHaveLists() {
  Watch(milliseconds(10));
  return listed_.size() == static_cast<size_t>(sent_);
}

bool ClickTraffic::AllTasksAreAt(int event) const {
  return latest_.size() == static_cast<size_t>(partitions_) &&
         std::ranges::all_of(latest_, [&](const auto& entry) { return entry.second >= event; });
}

std::map<int32_t, milliseconds> ClickTraffic::TakeLongestGaps() {
  for (const auto& [partition, at] : seen_) {
    milliseconds& gap = gaps_[partition];
    gap = std::max(gap, std::chrono::duration_cast<milliseconds>(steady_clock::now() - at));
  }
  return std::exchange(gaps_, {});
}

std::string ClickTraffic::UserOf(int32_t partition) const {
  for (int i = 0; i < kUsers; ++i) {
    if (PartitionForKey(UserId(i), partitions_) == partition) return UserId(i);
  }
  return {};
}

}  // namespace catwalk::tests
