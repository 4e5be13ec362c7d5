#include "tests/chaos/judged_installation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "state/rocksdb_database.h"
#include "streams/embedded_log.h"
#include "tests/chaos/task_replay.h"

namespace catwalk::chaos {
namespace {

using tests::Eventually;

constexpr int32_t kPartitions = 3;
constexpr std::chrono::milliseconds kSession{2'000};

/// Small transactions, so that a few events make many.
constexpr const char* kSettings = R"(
users: {commit_records: 20, commit_interval_ms: 2, commit_backlog_interval_ms: 10}
designs: {commit_interval_ms: 10, commit_backlog_interval_ms: 20}
model: {commit_interval_ms: 20, commit_backlog_interval_ms: 20}
run: {instance: first}
)";

template <class T>
T Must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().message());
  return std::move(result).value();
}

schemas::TopicNames NamesOf(const tests::Installation& installation) {
  schemas::TopicNames names;
  for (const auto& spec : schemas::AllTopics()) {
    const Status status = names.Rename(spec.topic, installation.TopicName(std::string(spec.default_name)));
    EXPECT_TRUE(status.ok()) << status;
  }
  return names;
}

void AppendToFolder(const std::string& folder, const schemas::TopicNames& names, std::vector<schemas::OutgoingRecord> records) {
  const SystemClock clock;
  const auto database = Must(state::OpenRocksDb({.path = folder, .only_copy = true}));
  const auto log = Must(streams::OpenEmbeddedLog(*database, clock, {.cleanup_interval_ms = 0}));
  for (const auto& spec : schemas::AllTopics())
    ASSERT_TRUE(log->CreateTopic(names.Of(spec.topic), spec, PartitionsOf(spec.topic, kPartitions)).ok());
  for (auto& record : records) record.topic = names.Of(names.Find(record.topic)->topic);
  ASSERT_TRUE(Must(log->OpenWriter())->Append(std::move(records)).ok());
}

}  // namespace

void LimitPatience() {
  setenv("CATWALK_KAFKA_SESSION_TIMEOUT_MS", std::to_string(kSession.count()).c_str(), 1);
  setenv("CATWALK_KAFKA_HEARTBEAT_INTERVAL_MS", "200", 1);
  setenv("CATWALK_KAFKA_TRANSACTION_TIMEOUT_MS", "2000", 1);
}

bool NextProtocol() {
  const char* given = std::getenv("CATWALK_KAFKA_GROUP_PROTOCOL");
  return given != nullptr && std::string_view(given) == "consumer";
}

JudgedInstallation::JudgedInstallation(uint64_t seed, std::string bootstrap, const std::string& route)
    : bootstrap_(std::move(bootstrap)),
      installation_(bootstrap_, kPartitions, route),
      names_(NamesOf(installation_)),
      workload_(seed, kPartitions) {
  installation_.Configure(kSettings);
}

void JudgedInstallation::Append(int events) {
  auto records = workload_.Next(events);
  if (on_kafka()) installation_.Append(std::move(records));
  else AppendToFolder(StateDir(), names_, std::move(records));
}

std::unique_ptr<tests::Process> JudgedInstallation::StartFirst(std::vector<std::string> through, std::vector<std::string> args) const {
  auto process = installation_.Start(std::move(args), 0, std::move(through));
  EXPECT_TRUE(Eventually([&] { return installation_.ErrorsOf(0).find("running on") != std::string::npos; })) << installation_.ErrorsOf(0);
  return process;
}

std::unique_ptr<tests::Process> JudgedInstallation::StartSecond(const std::vector<std::string>& settings) const {
  std::vector<std::string> through = {"env", "CATWALK_RUN_INSTANCE=second"};
  through.insert(through.end(), settings.begin(), settings.end());
  auto process = installation_.Start({}, 1, through);
  EXPECT_TRUE(Eventually([&] { return installation_.ErrorsOf(1).find("running on") != std::string::npos; })) << installation_.ErrorsOf(1);
  return process;
}

bool JudgedInstallation::AllListsAreThere() const {
  return installation_.ValuesOf("recommendations").size() >= workload_.wanted().size();
}

/// Until whoever was killed, or has left with a name to come back to, is a member no more: before, a process may come to the end without being
/// given their tasks, and what they had committed last is not in its folder.
void JudgedInstallation::AwaitSessions() const {
  if (on_kafka()) std::this_thread::sleep_for(kSession + kSession / 4);
}

void JudgedInstallation::RunToEnd() {
  const auto ended = installation_.Run("run", {"--until-end"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
}

void JudgedInstallation::EndAndJudge(CrashTally* tally) {
  AwaitSessions();
  RunToEnd();
  if (::testing::Test::HasFailure()) return;
  const Verdict verdict = Judge(Collect());
  tally->Add(verdict);
  constexpr size_t kShown = 20;
  for (size_t i = 0; i < std::min(kShown, verdict.differences.size()); ++i) ADD_FAILURE() << verdict.differences[i];
  EXPECT_EQ(verdict.differences.size(), 0U);
}

Evidence JudgedInstallation::Collect() const {
  Evidence evidence;
  evidence.app = installation_.TopicName("app");
  evidence.names = names_;
  evidence.partitions = kPartitions;
  evidence.on_kafka = on_kafka();
  evidence.wanted = workload_.wanted();
  evidence.state = ReadStateFolder(StateDir());
  if (!on_kafka()) {
    evidence.topics = ReadEmbedded(StateDir(), names_, kPartitions);
    return evidence;
  }
  evidence.topics = ReadKafka(bootstrap_, names_, kPartitions);
  for (const auto& sub : SubTopologies(names_, kPartitions)) {
    std::vector<std::string> topics;
    for (const auto topic : sub.sources) topics.push_back(names_.Of(topic));
    evidence.committed.merge(CommittedOnKafka(bootstrap_, evidence.app + "-" + sub.name, topics, sub.partitions));
  }
  return evidence;
}

}  // namespace catwalk::chaos
