#include "tests/integration/installation.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include "schemas/topics.h"
#include "state/rocksdb_database.h"
#include "streams/embedded_log.h"
#include "streams/kafka_log.h"
#include "tests/testing/kafka_environment.h"

namespace catwalk::tests {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::minutes kReadTime{1};

auto* const kafka = new KafkaEnvironment;  // GoogleTest owns it
[[maybe_unused]] auto* const registered = ::testing::AddGlobalTestEnvironment(kafka);

std::string Contents(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Unique() {
  static std::atomic<int> count{0};
  return "it" + std::to_string(getpid()) + "-" + std::to_string(count++) + "-";
}

template <class T>
T Must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().message());
  return std::move(result).value();
}

/// Asks again where the answer may come later: a broker may have just gone, or a leader moved.
template <class Ask>
auto Answer(const Ask& ask) {
  auto answer = ask();
  EXPECT_TRUE(Eventually([&] {
    if (answer.status().retryable()) answer = ask();
    return !answer.status().retryable();
  })) << answer.status();
  return Must(std::move(answer));
}

streams::Offsets EndsOf(const std::string& topic, streams::Log& log) {
  return Answer([&] { return log.EndOffsets({topic}, streams::Isolation::kReadCommitted); });
}

/// The values of all records up to `ends`.
Result<std::vector<std::string>> ReadTo(const streams::Offsets& ends, streams::Log& log) {
  streams::Offsets from;
  for (const auto& [source, end] : ends) from[source] = 0;
  ASSIGN_OR_RETURN(const auto reader, log.OpenReader());
  RETURN_IF_ERROR(reader->Assign(from));
  const auto done = [&](const auto& entry) { return reader->Position(entry.first) >= entry.second; };
  std::vector<std::string> values;
  const auto deadline = std::chrono::steady_clock::now() + kReadTime;
  while (!std::ranges::all_of(ends, done)) {
    if (std::chrono::steady_clock::now() > deadline) return Status(Code::kTimeout, "topics were not read to their ends within a minute");
    std::vector<schemas::Record> records;
    RETURN_IF_ERROR(reader->Poll(milliseconds(50), 1 << 22, &records));
    for (const auto& record : records) values.emplace_back(record.value);
  }
  return values;
}

std::unique_ptr<streams::Log> OpenKafka(const Clock& clock, const std::string& bootstrap) {
  streams::KafkaOptions options;
  options.bootstrap = bootstrap;
  return Must(streams::OpenKafkaLog(nullptr, clock, options));
}

}  // namespace

std::string Fetch(const std::string& url, std::vector<std::string> options) {
  const TempDir dir;
  ProcessOptions curl;
  curl.args = {"curl", "-s", "--max-time", "10", url};
  curl.args.insert(curl.args.end(), options.begin(), options.end());
  curl.stdout_file = dir / "out";
  auto process = Process::Start(curl);
  EXPECT_TRUE(process.ok()) << process.status();
  (*process)->Wait(std::chrono::seconds(15));
  std::ifstream file(curl.stdout_file);
  return {std::istreambuf_iterator<char>(file), {}};
}

double MemoryMiB(const Process& process, const std::string& line) {
  std::ifstream status("/proc/" + std::to_string(process.pid()) + "/status");
  std::string name;
  double kib = 0;
  while (status >> name && name != line + ":") status.ignore(1'000, '\n');
  status >> kib;
  return kib / 1024;
}

void FillUp(const std::filesystem::path& ballast) {
  std::ofstream file(ballast);
  const std::string block(1 << 16, 'b');
  while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
  }
}

std::string SharedKafka() { return Must(kafka->Bootstrap()); }

Ended RunProgram(const std::vector<std::string>& args) {
  const TempDir dir;
  ProcessOptions options;
  options.args = {CATWALK_BINARY};
  options.args.insert(options.args.end(), args.begin(), args.end());
  options.stdout_file = dir / "out";
  options.stderr_file = dir / "err";
  const auto process = Must(Process::Start(options));
  Ended ended;
  ended.exit_code = process->Wait(std::chrono::minutes(2)).value_or(-1);
  ended.out = Contents(options.stdout_file);
  ended.err = Contents(options.stderr_file);
  return ended;
}

Installation::Installation(std::string bootstrap, int partitions, const std::string& route)
    : bootstrap_(std::move(bootstrap)), route_(route.empty() ? bootstrap_ : route), prefix_(Unique()) {
  std::string yaml = "kafka:\n  app: " + prefix_ + "app\ntopics:\n  partitions: " + std::to_string(partitions) + "\n";
  for (const auto& spec : schemas::AllTopics()) {
    std::string key(spec.default_name);
    std::replace(key.begin(), key.end(), '-', '_');
    yaml += "  " + key + ": " + TopicName(std::string(spec.default_name)) + "\n";
  }
  Configure(yaml);
  if (!on_kafka()) return;
  const Ended made = Run("topics", {"--create"});
  EXPECT_EQ(made.exit_code, 0) << made.err;
}

void Installation::Configure(const std::string& yaml) { std::ofstream(config_file(), std::ios::app) << yaml; }

std::vector<std::string> Installation::Flags(const std::string& command, int process) const {
  std::vector<std::string> flags = {command, "-c", config_file()};
  if (on_kafka()) {
    flags.insert(flags.end(), {"--kafka", route_});
    if (command == "run") flags.insert(flags.end(), {"--state-dir", StateDir(process)});
  } else if (command != "topics") {
    flags.insert(flags.end(), {"--state-dir", StateDir(process)});
  }
  return flags;
}

Ended Installation::Run(const std::string& command, std::vector<std::string> args, int process) const {
  auto all = Flags(command, process);
  all.insert(all.end(), args.begin(), args.end());
  return RunProgram(all);
}

std::unique_ptr<Process> Installation::Start(std::vector<std::string> args, int process,
                                             std::vector<std::string> through) const {
  ProcessOptions options;
  options.args = std::move(through);
  options.args.emplace_back(CATWALK_BINARY);
  for (auto& flag : Flags("run", process)) options.args.push_back(std::move(flag));
  options.args.insert(options.args.end(), {"--http", "127.0.0.1:0"});
  options.args.insert(options.args.end(), args.begin(), args.end());
  options.stderr_file = dir_ / ("err-" + std::to_string(process));
  options.stdout_file = dir_ / ("out-" + std::to_string(process));
  return Must(Process::Start(options));
}

std::string Installation::Url(int process) const {
  constexpr std::string_view kBefore = "HTTP on ";
  EXPECT_TRUE(Eventually([&] { return ErrorsOf(process).find(kBefore) != std::string::npos; })) << ErrorsOf(process);
  const std::string errors = ErrorsOf(process);
  const auto at = errors.find(kBefore) + kBefore.size();
  return errors.substr(at, errors.find('\n', at) - at);
}

std::string Installation::ErrorsOf(int process) const { return Contents(dir_ / ("err-" + std::to_string(process))); }

double Installation::UserMetric(const std::string& name, int process) const {
  const std::string text = Fetch(Url(process) + "/metrics"), line = "\n" + name + "{sub_topology=\"users\"} ";
  const auto at = text.find(line);
  return at == std::string::npos ? -1 : std::stod(text.substr(at + line.size()));
}

void Installation::Replay(const std::string& file, const std::vector<std::string>& args) const {
  std::vector<std::string> all = {file};
  all.insert(all.end(), args.begin(), args.end());
  const Ended replayed = Run("replay", all);
  ASSERT_EQ(replayed.exit_code, 0) << replayed.err;
}

void Installation::RunToEnd(int process) const {
  const Ended ran = Run("run", {"--until-end"}, process);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
}

struct Installation::Opened {
  SystemClock clock;
  std::unique_ptr<state::Database> database;
  std::unique_ptr<streams::Log> log;
};

std::unique_ptr<Installation::Opened> Installation::Open() const {
  auto opened = std::make_unique<Opened>();
  if (on_kafka()) {
    opened->log = OpenKafka(opened->clock, bootstrap_);
  } else {
    opened->database = Must(state::OpenRocksDb({.path = StateDir(), .read_only = true}));
    opened->log = Must(streams::OpenEmbeddedLog(*opened->database, opened->clock, {.cleanup_interval_ms = 0, .read_only = true}));
  }
  return opened;
}

void Installation::Append(std::vector<schemas::OutgoingRecord> records) const {
  const SystemClock clock;
  ASSERT_TRUE(on_kafka());
  const auto log = OpenKafka(clock, bootstrap_);
  const auto writer = Must(log->OpenWriter());
  for (auto& record : records) record.topic = TopicName(record.topic);
  ASSERT_TRUE(writer->Append(std::move(records)).ok());
  ASSERT_TRUE(writer->Sync(std::chrono::seconds(30)).ok());
}

std::vector<std::string> Installation::ValuesOf(const std::string& topic) const {
  const auto opened = Open();
  return Answer([&] { return ReadTo(EndsOf(TopicName(topic), *opened->log), *opened->log); });
}

std::vector<schemas::Recommendation> Installation::Lists() const {
  std::vector<schemas::Recommendation> lists;
  for (const auto& value : ValuesOf("recommendations")) EXPECT_TRUE(lists.emplace_back().ParseFromString(value));
  return lists;
}

std::map<std::string, std::string> Installation::Users(int process) const {
  const auto database = Must(state::OpenRocksDb({.path = StateDir(process), .read_only = true}));
  std::map<std::string, std::string> rows;
  EXPECT_TRUE(database->Store(Must(database->OpenStore("users-users"))).Scan({}, {}, [&](std::string_view key, std::string_view value) {
    rows.emplace(key, value);
    return true;
  }).ok());
  return rows;
}

int64_t Installation::EndOf(const std::string& topic) const {
  const auto opened = Open();
  int64_t sum = 0;
  for (const auto& [source, end] : EndsOf(TopicName(topic), *opened->log)) sum += end;
  return sum;
}

void ExpectSameRows(const std::map<std::string, std::string>& actual, const std::map<std::string, std::string>& expected) {
  std::string differing;
  int count = 0;
  const auto note = [&](const std::string& key, const char* how) {
    if (++count <= 5) differing += " " + key.substr(4) + " (" + how + ")";
  };
  for (const auto& [key, value] : expected) {
    const auto found = actual.find(key);
    if (found == actual.end()) {
      note(key, "missing");
    } else if (found->second != value) {
      note(key, "different");
    }
  }
  for (const auto& [key, value] : actual) {
    if (!expected.contains(key)) note(key, "too many");
  }
  EXPECT_EQ(count, 0) << "of " << expected.size() << " rows:" << differing;
}

std::set<std::string> DistinctEvents(const std::vector<schemas::Recommendation>& lists) {
  std::set<std::string> events;
  for (const auto& list : lists) EXPECT_TRUE(events.insert(list.event_id()).second) << "two lists for " << list.event_id();
  return events;
}

bool Eventually(const std::function<bool()>& done, milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return true;
}

}  // namespace catwalk::tests
