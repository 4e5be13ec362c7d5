// bench_load: what bench.py needs of a broker. Sends load, waits for it, measures latency, converts factors. Results are
// JSON lines on stdout.
#include <CLI/CLI.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iostream>
#include <memory>
#include <ranges>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/exit_code.h"
#include "base/status.h"
#include "bench/latency.h"
#include "bench/traffic.h"
#include "schemas/codec.h"
#include "schemas/internal.pb.h"
#include "schemas/record.h"
#include "streams/kafka_log.h"

namespace catwalk::bench {
namespace {

using std::chrono::milliseconds;

constexpr size_t kPollBytes = 4U << 20;
constexpr size_t kAppendAtOnce = 500;
constexpr milliseconds kPause{20};
constexpr milliseconds kSyncTimeout{60'000};

struct Flags {
  std::string kafka;
  LatencyOptions latency;
  int64_t count = 1000;
  bool each_user = false;
  int timeout_s = 300;
  std::string group, from, to, begins, ends;
  std::vector<std::string> topics;
};

Status AppendAll(std::vector<schemas::OutgoingRecord> records, streams::LogWriter* writer) {
  Status status = writer->Append(records);
  while (status.code() == Code::kBackpressure) {
    std::this_thread::sleep_for(kPause);
    status = writer->Append(records);
  }
  return status;
}

Status Load(streams::Log& log, const Flags& flags) {
  const SystemClock clock;
  ASSIGN_OR_RETURN(const auto writer, log.OpenWriter());
  Traffic traffic(flags.latency.traffic);
  std::vector<schemas::OutgoingRecord> records;
  const std::string& topic = flags.latency.clicks;
  for (int64_t i = 0; i < flags.count; ++i) {
    records.push_back(flags.each_user ? traffic.NextOf(static_cast<int>(i % flags.latency.traffic.users), topic, clock.NowMs())
                                      : traffic.Next(topic, clock.NowMs()));
    if (records.size() == kAppendAtOnce) RETURN_IF_ERROR(AppendAll(std::exchange(records, {}), writer.get()));
  }
  RETURN_IF_ERROR(AppendAll(std::move(records), writer.get()));
  RETURN_IF_ERROR(writer->Sync(kSyncTimeout));
  std::cout << "{\"sent\":" << flags.count << "}" << std::endl;
  return Status::Ok();
}

Status Latency(streams::Log& log, const Flags& flags) {
  ASSIGN_OR_RETURN(const LatencyReport report, MeasureLatency(log, flags.latency));
  report.Print(std::cout);
  return Status::Ok();
}

Status First(streams::Log& log, const Flags& flags) {
  ASSIGN_OR_RETURN(const int64_t seen_at_ms,
                   TimeOfFirstList(log, flags.latency, std::chrono::seconds(flags.timeout_s), std::cout));
  std::cout << "{\"seen_at_ms\":" << seen_at_ms << "}" << std::endl;
  return Status::Ok();
}

Result<int64_t> MissingOf(streams::Log& log, const Flags& flags) {
  ASSIGN_OR_RETURN(const auto ends, log.EndOffsets(flags.topics, streams::Isolation::kReadCommitted));
  ASSIGN_OR_RETURN(const auto committed, log.CommittedOffsets(flags.group, flags.topics));
  int64_t missing = 0;
  for (const auto& [partition, end] : ends) {
    const auto found = committed.find(partition);
    missing += end - (found == committed.end() ? 0 : std::max<int64_t>(found->second, 0));
  }
  return missing;
}

/// Until the group has committed all there is. A broker that cannot say is asked again: a long run shall not end there.
Status Wait(streams::Log& log, const Flags& flags) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(flags.timeout_s);
  while (true) {
    const Result<int64_t> missing = MissingOf(log, flags);
    if (missing.ok() && *missing == 0) return Status::Ok();
    if (std::chrono::steady_clock::now() > deadline) {
      RETURN_IF_ERROR(missing.status());
      return {Code::kTimeout, flags.group + " is " + std::to_string(*missing) + " records behind after " +
                                  std::to_string(flags.timeout_s) + " s; see its log, or give it more --timeout"};
    }
    std::this_thread::sleep_for(kPause);
  }
}

/// Calls `visit` with every committed record there is now.
Status VisitAll(streams::Log& log, const std::vector<std::string>& topics,
                const std::function<Status(const schemas::Record&)>& visit) {
  ASSIGN_OR_RETURN(const auto ends, log.EndOffsets(topics, streams::Isolation::kReadCommitted));
  ASSIGN_OR_RETURN(const auto begins, log.BeginOffsets(topics));
  ASSIGN_OR_RETURN(const auto reader, log.OpenReader());
  RETURN_IF_ERROR(reader->Assign(begins));
  const auto behind = [&](const auto& end) { return reader->Position(end.first) < end.second; };
  std::vector<schemas::Record> records;
  while (std::ranges::any_of(ends, behind)) {
    records.clear();
    RETURN_IF_ERROR(reader->Poll(kPause, kPollBytes, &records));
    for (const auto& record : records) RETURN_IF_ERROR(visit(record));
  }
  return Status::Ok();
}

/// A peer's factor, one version byte and little-endian floats, as a record of design-factors.
Result<schemas::OutgoingRecord> Converted(const schemas::Record& record, const std::string& topic) {
  if (record.value.size() % sizeof(float) != 1 || record.value[0] != 1)
    return Status(Code::kInvalidArgument, "a factor of another format at offset " + std::to_string(record.offset) +
                                              "; give --from a topic of version-1 factors");
  schemas::DesignTableRecord converted;
  auto* factor = converted.mutable_factor();
  factor->set_design_id(std::string(record.key));
  for (size_t at = 1; at < record.value.size(); at += sizeof(float)) {
    float x = 0;
    std::memcpy(&x, record.value.data() + at, sizeof(x));
    factor->add_factor(x);
  }
  factor->set_popularity(1);
  factor->set_popularity_at_ms(record.timestamp_ms);
  factor->set_weight(1);
  schemas::OutgoingRecord out;
  out.topic = topic;
  out.partition = 0;
  out.key = record.key;
  RETURN_IF_ERROR(schemas::Encode(converted, schemas::Encoding::kProtobuf, 0, &out.value));
  return out;
}

Status Factors(streams::Log& log, const Flags& flags) {
  std::vector<schemas::OutgoingRecord> records;
  RETURN_IF_ERROR(VisitAll(log, {flags.from}, [&](const schemas::Record& record) -> Status {
    ASSIGN_OR_RETURN(auto converted, Converted(record, flags.to));
    records.push_back(std::move(converted));
    return Status::Ok();
  }));
  ASSIGN_OR_RETURN(const auto writer, log.OpenWriter());
  std::cout << "{\"factors\":" << records.size() << "}" << std::endl;
  RETURN_IF_ERROR(AppendAll(std::move(records), writer.get()));
  return writer->Sync(kSyncTimeout);
}

/// Sizes of what lies on topics named like that. Records that say where a task stands have keys that begin with a zero
/// byte; they count as bytes but not as records.
Status Size(streams::Log& log, const Flags& flags) {
  ASSIGN_OR_RETURN(const auto found, log.ListTopics());
  std::vector<std::string> topics;
  for (const auto& name : std::views::keys(found)) {
    if (name.starts_with(flags.begins) && name.ends_with(flags.ends)) topics.push_back(name);
  }
  if (topics.empty())
    return {Code::kNotFound, "no topic is called " + flags.begins + "..." + flags.ends + "; see catwalk topics"};
  uint64_t records = 0, value_bytes = 0, all_bytes = 0;
  RETURN_IF_ERROR(VisitAll(log, topics, [&](const schemas::Record& record) {
    all_bytes += record.key.size() + record.value.size();
    if (record.key.starts_with('\0')) return Status::Ok();
    ++records;
    value_bytes += record.value.size();
    return Status::Ok();
  }));
  std::cout << "{\"records\":" << records << ",\"value_bytes\":" << value_bytes << ",\"all_bytes\":" << all_bytes << "}"
            << std::endl;
  return Status::Ok();
}

using Command = Status (*)(streams::Log&, const Flags&);

Status WithLog(Command command, const Flags& flags) {
  const SystemClock clock;
  streams::KafkaOptions options;
  options.bootstrap = flags.kafka;
  if (command == Latency) options.properties["linger.ms"] = "0";
  ASSIGN_OR_RETURN(const auto log, streams::OpenKafkaLog(nullptr, clock, options));
  return command(*log, flags);
}

void AddTrafficFlags(CLI::App* command, Flags* flags) {
  command->add_option("--clicks", flags->latency.clicks, "Topic to send to");
  command->add_option("--users", flags->latency.traffic.users, "Distinct users")->check(CLI::PositiveNumber);
  command->add_option("--designs", flags->latency.traffic.designs, "Distinct designs")->check(CLI::PositiveNumber);
  command->add_option("--seed", flags->latency.traffic.seed, "Seed of what is drawn");
  command->add_option("--prefix", flags->latency.traffic.prefix, "What event ids begin with");
}

void AddLoadCommands(CLI::App* program, Flags* flags, Command* chosen) {
  CLI::App* load = program->add_subcommand("load", "Send clicks as fast as they go");
  AddTrafficFlags(load, flags);
  load->add_option("--count", flags->count, "Clicks")->check(CLI::PositiveNumber);
  load->add_flag("--each-user", flags->each_user, "One user after the other instead of drawing them");
  load->callback([chosen] { *chosen = Load; });

  CLI::App* latency = program->add_subcommand("latency", "Send clicks at a rate and print how long their lists took");
  AddTrafficFlags(latency, flags);
  latency->add_option("--recommendations", flags->latency.recommendations, "Topic of the lists");
  latency->add_option("--rate", flags->latency.rate, "Events per second")->check(CLI::PositiveNumber);
  latency->add_option("--seconds", flags->latency.measured_s, "Seconds measured")->check(CLI::PositiveNumber);
  latency->add_option("--warmup", flags->latency.warmup_s, "Seconds before")->check(CLI::NonNegativeNumber);
  latency->callback([chosen] { *chosen = Latency; });

  CLI::App* first = program->add_subcommand("first", "Send one click, say \"sent\", print when its list came");
  AddTrafficFlags(first, flags);
  first->add_option("--recommendations", flags->latency.recommendations, "Topic of the lists");
  first->add_option("--timeout", flags->timeout_s, "Seconds to wait")->check(CLI::PositiveNumber);
  first->callback([chosen] { *chosen = First; });
}

void AddTopicCommands(CLI::App* program, Flags* flags, Command* chosen) {
  CLI::App* wait = program->add_subcommand("wait", "Wait until a group has committed all there is");
  wait->add_option("--group", flags->group, "The group")->required();
  wait->add_option("--topics", flags->topics, "What it reads")->required()->delimiter(',');
  wait->add_option("--timeout", flags->timeout_s, "Seconds to wait")->check(CLI::PositiveNumber);
  wait->callback([chosen] { *chosen = Wait; });

  CLI::App* factors = program->add_subcommand("factors", "Copy the factors of a peer to a design-factors topic");
  factors->add_option("--from", flags->from, "The peer's topic")->required();
  factors->add_option("--to", flags->to, "Ours")->required();
  factors->callback([chosen] { *chosen = Factors; });

  CLI::App* size = program->add_subcommand("size", "Print how much lies on topics");
  size->add_option("--begins", flags->begins, "What their names begin with")->required();
  size->add_option("--ends", flags->ends, "What their names end with");
  size->callback([chosen] { *chosen = Size; });
}

int Main(int argc, char** argv) {
  CLI::App program("Load and measurement for scripts/bench", "bench_load");
  Flags flags;
  Command chosen = nullptr;
  program.require_subcommand(1);
  program.add_option("--kafka", flags.kafka, "HOST:PORT")->required();
  AddLoadCommands(&program, &flags, &chosen);
  AddTopicCommands(&program, &flags, &chosen);
  CLI11_PARSE(program, argc, argv);
  const Status status = WithLog(chosen, flags);
  if (status.ok()) return 0;
  std::cerr << "bench_load: " << status << std::endl;
  return ExitCode(status.code());
}

}  // namespace
}  // namespace catwalk::bench

int main(int argc, char** argv) { return catwalk::bench::Main(argc, argv); }
