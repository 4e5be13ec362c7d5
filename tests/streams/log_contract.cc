#include "tests/streams/log_contract.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <utility>

#include "schemas/topics.h"
#include "state/write_batch.h"
#include "streams/checkpoint.h"

namespace catwalk::streams {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kShort(50);
constexpr std::chrono::seconds kPatience(30);  // only a failing test waits as long

bool Until(const std::function<bool()>& done, const std::function<void()>& step) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    step();
  }
  return true;
}

}  // namespace

GroupMember::GroupMember(state::Database& database, TransportOptions options, std::unique_ptr<Transport> transport)
    : database_(database), options_(std::move(options)), transport_(std::move(transport)) {
  const Status status = transport_->Start(*this);
  EXPECT_TRUE(status.ok()) << status;
}

void GroupMember::Poll() {
  const Status status = transport_->Poll(kShort, &records);
  ASSERT_TRUE(status.ok()) << status;
  StartOwned();
}

void GroupMember::StartOwned() {
  for (const int32_t partition : owned) {
    if (!started_.insert(partition).second) continue;
    const auto row = ReadCheckpoint(database_.Store(options_.checkpoint_store), options_.group, partition);
    ASSERT_TRUE(row.ok()) << row.status();
    const Status status = transport_->StartPartition(partition, row->value_or(schemas::Checkpoint()));
    ASSERT_TRUE(status.ok()) << status;
  }
}

bool GroupMember::PollUntil(const std::function<bool()>& done) {
  return Until([&] { return testing::Test::HasFatalFailure() || done(); }, [this] { Poll(); });
}

bool GroupMember::PollUntilItHas(size_t count) {
  return PollUntil([&] { return records.size() >= count; });
}

bool GroupMember::PollUntilItOwns(size_t partitions) {
  return PollUntil([&] { return owned.size() == partitions; });
}

Status GroupMember::Commit(int32_t partition, state::WriteBatch* state) {
  TaskCommit task;
  task.partition = partition;
  for (const std::string& topic : options_.topics) {
    auto* source = task.checkpoint.add_sources();
    source->set_topic(topic);
    source->set_offset(transport_->Progress({topic, partition}).position);
  }
  CommitRequest request;
  request.tasks.push_back(std::move(task));
  request.state = state;
  return transport_->Commit(request);
}

void GroupMember::StartOver() {
  records.clear();
  started_.clear();
  StartOwned();
}

void GroupMember::OnAssigned(std::span<const int32_t> partitions) {
  owned.insert(partitions.begin(), partitions.end());
}

void GroupMember::OnRevoked(std::span<const int32_t> partitions) {
  for (const int32_t partition : partitions) {
    if (on_revoked) on_revoked(partition);
    revoked.push_back(partition);
    owned.erase(partition);
    started_.erase(partition);
  }
}

void GroupMember::OnLost(std::span<const int32_t> partitions) {
  for (const int32_t partition : partitions) {
    owned.erase(partition);
    started_.erase(partition);
  }
}

void LogContract::SetUp() {
  backend_ = GetParam().make();
  Reopen();
}

void LogContract::Reopen() {
  log_.reset();
  auto log = backend_->OpenLog();
  ASSERT_TRUE(log.ok()) << log.status();
  log_ = std::move(log).value();
}

std::string LogContract::Unique(std::string_view stem) const {
  std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
  std::transform(test.begin(), test.end(), test.begin(),
                 [](unsigned char c) { return std::isalnum(c) != 0 ? static_cast<char>(std::tolower(c)) : '-'; });
  return std::string(stem) + "-" + test + "-" + std::to_string(getpid());
}

std::string LogContract::MakeTopic(std::string_view stem, int32_t partitions) {
  schemas::TopicSpec spec{};
  spec.cleanup = schemas::Cleanup::kDelete;
  spec.retention_ms = -1;
  const std::string name = Unique(stem);
  const Status status = log().CreateTopic(name, spec, partitions);
  EXPECT_TRUE(status.ok()) << status;
  return name;
}

void LogContract::Append(std::vector<schemas::OutgoingRecord> records) {
  auto writer = log().OpenWriter();
  ASSERT_TRUE(writer.ok()) << writer.status();
  Status status = (*writer)->Append(records);
  while (status.code() == Code::kBackpressure) {
    ASSERT_TRUE((*writer)->Sync(kPatience).ok());
    status = (*writer)->Append(records);
  }
  ASSERT_TRUE(status.ok()) << status;
  status = (*writer)->Sync(kPatience);
  ASSERT_TRUE(status.ok()) << status;
}

std::vector<schemas::Record> LogContract::ReadAll(const std::vector<std::string>& topics, Isolation end) {
  std::vector<schemas::Record> records;
  const auto begin = log().BeginOffsets(topics);
  const auto ends = log().EndOffsets(topics, end);
  auto reader = log().OpenReader();
  EXPECT_TRUE(begin.ok() && ends.ok() && reader.ok()) << begin.status() << ends.status() << reader.status();
  if (!begin.ok() || !ends.ok() || !reader.ok()) return records;
  EXPECT_TRUE((*reader)->Assign(*begin).ok());
  const auto at_end = [&] {
    return std::all_of(ends->begin(), ends->end(),
                       [&](const auto& last) { return (*reader)->Position(last.first) >= last.second; });
  };
  Status status;
  EXPECT_TRUE(Until([&] { return !status.ok() || at_end(); },
                    [&] { status = (*reader)->Poll(kShort, 1 << 20, &records); }));
  EXPECT_TRUE(status.ok()) << status;
  return records;
}

Offsets DecidedOffsets(Log& log, const std::string& group, const std::string& topic) {
  Result<Offsets> offsets = log.CommittedOffsets(group, {topic});
  const auto decided = [&] {
    return !offsets.ok() || std::ranges::none_of(*offsets, [](const auto& entry) { return entry.second == kUndecided; });
  };
  EXPECT_TRUE(Until(decided, [&] { offsets = log.CommittedOffsets(group, {topic}); }));
  EXPECT_TRUE(offsets.ok()) << offsets.status();
  return offsets.ok() ? *offsets : Offsets();
}

std::unique_ptr<GroupMember> LogContract::Join(const std::string& group, const std::vector<std::string>& topics,
                                               int worker, int workers) {
  TransportOptions options;
  options.group = group;
  options.topics = topics;
  options.instance = "contract";
  options.worker = worker;
  options.workers = workers;
  options.checkpoint_store = OpenStore(kCheckpointStore);
  auto transport = log().OpenTransport(options);
  EXPECT_TRUE(transport.ok()) << transport.status();
  if (!transport.ok()) return nullptr;
  return std::make_unique<GroupMember>(database(), options, std::move(transport).value());
}

uint32_t LogContract::OpenStore(std::string_view name) {
  const auto store = database().OpenStore(name);
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? *store : 0;
}

std::optional<std::string> LogContract::StateAt(std::string_view key) {
  std::string value;
  const auto found = database().Store(OpenStore("things")).Get(key, &value);
  EXPECT_TRUE(found.ok()) << found.status();
  return found.ok() && *found ? std::optional<std::string>(value) : std::nullopt;
}

schemas::OutgoingRecord Outgoing(const std::string& topic, int32_t partition, std::string key, std::string value) {
  schemas::OutgoingRecord record;
  record.topic = topic;
  record.partition = partition;
  record.key = std::move(key);
  record.value = std::move(value);
  return record;
}

std::vector<std::string> ValuesOf(const std::vector<schemas::Record>& records) {
  std::vector<std::string> values;
  for (const auto& record : records) values.emplace_back(record.value);
  return values;
}

std::vector<std::string> ValuesOf(const std::vector<schemas::Record>& records, const schemas::TopicPartition& from) {
  std::vector<std::string> values;
  for (const auto& record : records) {
    if (record.topic == from.topic && record.partition == from.partition) values.emplace_back(record.value);
  }
  return values;
}

}  // namespace catwalk::streams
