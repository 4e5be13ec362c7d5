#include "tests/chaos/crash_round.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "state/rocksdb_database.h"
#include "streams/embedded_log.h"
#include "tests/chaos/task_replay.h"

namespace catwalk::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::Eventually;
using tests::Process;

constexpr int32_t kPartitions = 3;
constexpr int kKilled = 128 + SIGKILL;
constexpr seconds kPatience{60};
/// A life that need not end by itself is asked to after this.
constexpr milliseconds kLongLife{3'000};

/// Small transactions, so that a few events make many; times that let a dead process be given up soon.
constexpr const char* kSettings = R"(
users: {commit_records: 20, commit_interval_ms: 2, commit_backlog_interval_ms: 10}
designs: {commit_interval_ms: 10, commit_backlog_interval_ms: 20}
model: {commit_interval_ms: 20, commit_backlog_interval_ms: 20}
run: {instance: first}
)";

/// How often a point is come by in the time of a life, about.
int64_t HitsOf(CrashPoint point) {
  switch (point) {
    case CrashPoint::kMidBatch: return 150;
    case CrashPoint::kMidLocalWrite: return 8;
    case CrashPoint::kDuringRevocation:
    case CrashPoint::kDuringStop:
    case CrashPoint::kDuringRestore: return 4;
    case CrashPoint::kDuringAssignment: return 8;
    default: return 10;
  }
}

bool ComesWithTheEnd(CrashPoint point) { return point == CrashPoint::kDuringRevocation || point == CrashPoint::kDuringStop; }

schemas::TopicNames NamesOf(const tests::Installation& installation) {
  schemas::TopicNames names;
  for (const auto& spec : schemas::AllTopics()) {
    const Status status = names.Rename(spec.topic, installation.TopicName(std::string(spec.default_name)));
    EXPECT_TRUE(status.ok()) << status;
  }
  return names;
}

template <class T>
T Must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().message());
  return std::move(result).value();
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

std::vector<std::string> Named(const char* instance) { return {"env", std::string("CATWALK_RUN_INSTANCE=") + instance}; }

}  // namespace

CrashRound::CrashRound(uint64_t seed, std::string bootstrap, CrashTally* tally)
    : random_(seed),
      bootstrap_(std::move(bootstrap)),
      installation_(bootstrap_, kPartitions),
      names_(NamesOf(installation_)),
      workload_(seed, kPartitions),
      tally_(*tally) {
  installation_.Configure(kSettings);
}

void CrashRound::Run(int crashes) {
  const int most_lives = 3 * crashes;
  int fired = 0;
  for (int life = 0; life < most_lives && fired < crashes && !::testing::Test::HasFailure(); ++life) {
    if (Live(DrawLife())) ++fired;
  }
  EXPECT_EQ(fired, crashes) << "in " << most_lives << " lives";
  if (!::testing::Test::HasFailure()) RunToEnd();
  if (!::testing::Test::HasFailure()) Judge();
}

Evidence CrashRound::RunUndisturbed() {
  AppendInput();
  RunToEnd();
  AppendInput();
  RunToEnd();
  return Collect();
}

CrashRound::Life CrashRound::DrawLife() {
  if (deck_.empty()) {
    for (int i = 0; i < kCrashPoints; ++i) deck_.push_back(static_cast<CrashPoint>(i));
    std::ranges::shuffle(deck_, random_);
  }
  Life life{.point = deck_.back()};
  deck_.pop_back();
  life.hit = 1 + Below(1 + Below(HitsOf(life.point)));
  life.until_end = Below(2) == 0;
  life.workers = 1 + static_cast<int>(Below(2));
  if (bootstrap_.empty()) return life;
  life.lose_disk = Below(life.point == CrashPoint::kDuringRestore ? 2 : 8) == 0;
  life.companion = Below(5) == 0;
  // One that runs beside a second process cannot tell the end: that one leaves the markers of transactions unread.
  life.until_end = life.until_end && !life.companion;
  return life;
}

bool CrashRound::Live(const Life& life) {
  SCOPED_TRACE(std::string(NameOf(life.point)) + ":" + std::to_string(life.hit));
  AppendInput();
  if (life.lose_disk) {
    std::filesystem::remove_all(installation_.StateDir());
    ++tally_.disks_lost;
  }
  if (life.companion) StartCompanion();
  std::vector<std::string> args = {"--crash-at", std::string(NameOf(life.point)) + ":" + std::to_string(life.hit), "--workers",
                                   std::to_string(life.workers)};
  if (life.until_end) args.emplace_back("--until-end");
  const auto began = std::chrono::steady_clock::now();
  const auto process = installation_.Start(args);
  const int exit_code = Await(life, process.get());
  if (std::getenv("CATWALK_CHAOS_VERBOSE") != nullptr)
    std::cout << NameOf(life.point) << ":" << life.hit << (life.until_end ? " until end" : "") << (life.companion ? " beside another" : "")
              << (life.lose_disk ? " without its disk" : "") << ", exit code " << exit_code << " after "
              << std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began).count() << " ms" << std::endl;
  EndCompanion();
  EXPECT_TRUE(exit_code == kKilled || exit_code == 0) << "exit code " << exit_code << "\n" << installation_.ErrorsOf(0);
  if (exit_code != kKilled) {
    ++tally_.unfired;
    return false;
  }
  ++tally_.crashes;
  ++tally_.fired[life.point];
  return true;
}

/// Its exit code. One that runs on is asked to stop, and has to.
int CrashRound::Await(const Life& life, Process* process) {
  if (life.until_end) return process->Wait(kPatience).value_or(-1);
  EXPECT_TRUE(Eventually([&] {
    return process->Wait(milliseconds(0)) || installation_.ErrorsOf(0).find("running on") != std::string::npos;
  }));
  const auto lifetime = ComesWithTheEnd(life.point) ? milliseconds(Below(500)) : kLongLife;
  if (const auto code = process->Wait(lifetime)) return *code;
  process->Signal(SIGTERM);
  return process->Wait(kPatience).value_or(-1);
}

void CrashRound::AppendInput() {
  auto records = workload_.Next(40 + static_cast<int>(Below(120)));
  if (bootstrap_.empty()) AppendToFolder(installation_.StateDir(), names_, std::move(records));
  else installation_.Append(std::move(records));
}

void CrashRound::StartCompanion() {
  ++tally_.companions;
  companion_ = installation_.Start({}, 1, Named("second"));
  EXPECT_TRUE(Eventually([&] { return installation_.ErrorsOf(1).find("running on") != std::string::npos; })) << installation_.ErrorsOf(1);
}

void CrashRound::EndCompanion() {
  if (!companion_) return;
  if (Below(2) == 0) {
    companion_->Kill();
    ++tally_.companions_killed;
  } else {
    EXPECT_EQ(companion_->Terminate(seconds(20)), 0) << installation_.ErrorsOf(1);
  }
  companion_.reset();
}

void CrashRound::RunToEnd() {
  const auto ended = installation_.Run("run", {"--until-end"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
}

void CrashRound::Judge() {
  const Verdict verdict = chaos::Judge(Collect());
  tally_.Add(verdict);
  constexpr size_t kShown = 20;
  for (size_t i = 0; i < std::min(kShown, verdict.differences.size()); ++i) ADD_FAILURE() << verdict.differences[i];
  EXPECT_EQ(verdict.differences.size(), 0U);
}

Evidence CrashRound::Collect() const {
  Evidence evidence;
  evidence.app = installation_.TopicName("app");
  evidence.names = names_;
  evidence.partitions = kPartitions;
  evidence.on_kafka = !bootstrap_.empty();
  evidence.wanted = workload_.wanted();
  evidence.state = ReadStateFolder(installation_.StateDir());
  if (!evidence.on_kafka) {
    evidence.topics = ReadEmbedded(installation_.StateDir(), names_, kPartitions);
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
