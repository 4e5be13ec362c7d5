#include "tests/testing/kafka_broker.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

namespace catwalk::tests {
namespace {

using std::chrono::milliseconds;
using Deadline = std::chrono::steady_clock::time_point;

constexpr std::chrono::seconds kStartTime{180};
constexpr std::chrono::seconds kStopTime{10};
constexpr milliseconds kBetweenLooks{20};
constexpr int kMetadataTimeoutMs = 500;
constexpr size_t kLogTail = 2'000;

struct DestroyClient {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
};
using Client = std::unique_ptr<rd_kafka_t, DestroyClient>;

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string Tail(std::string text) { return text.size() <= kLogTail ? text : text.substr(text.size() - kLogTail); }

/// A client that tries again every 50 ms and says nothing while the broker is not there yet.
Result<Client> MakeClient(const std::string& bootstrap) {
  std::array<char, 256> error{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const std::pair<const char*, const char*> settings[] = {{"bootstrap.servers", bootstrap.c_str()},
                                                          {"reconnect.backoff.ms", "50"},
                                                          {"reconnect.backoff.max.ms", "50"},
                                                          {"log_level", "0"}};
  for (const auto& [name, value] : settings) rd_kafka_conf_set(conf, name, value, error.data(), error.size());
  rd_kafka_conf_set_log_cb(conf, nullptr);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error.data(), error.size());
  if (client != nullptr) return Client(client);
  rd_kafka_conf_destroy(conf);
  return Status(Code::kInternal, "no Kafka client: " + std::string(error.data()) + "; free some memory and file handles");
}

/// True once the cluster lists its broker: it then takes requests.
bool HasBroker(rd_kafka_t* client) {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client, 1, nullptr, &metadata, kMetadataTimeoutMs) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  const bool has_broker = metadata->broker_cnt > 0;
  rd_kafka_metadata_destroy(metadata);
  return has_broker;
}

Status CheckDeadline(Deadline deadline, std::string_view what) {
  if (std::chrono::steady_clock::now() < deadline) return Status::Ok();
  return {Code::kTimeout, "the test's Kafka broker " + std::string(what) + " in time; free some CPU and memory"};
}

}  // namespace

Result<std::unique_ptr<KafkaBroker>> KafkaBroker::Start() { return Make({}, {}); }

Result<std::unique_ptr<KafkaBroker>> KafkaBroker::StartFirstOfTwo(int data_copies) {
  return Make({}, {{"CATWALK_BROKER_COPIES", "2"}, {"CATWALK_BROKER_DATA_COPIES", std::to_string(data_copies)}});
}

Result<std::unique_ptr<KafkaBroker>> KafkaBroker::StartSecond(const KafkaBroker& first) { return Make({first.dir_.string()}, {}); }

Result<std::unique_ptr<KafkaBroker>> KafkaBroker::StartWithRoute(uint16_t port, const std::string& route) {
  return Make({}, {{"CATWALK_BROKER_BETWEEN", std::to_string(port) + " " + route}});
}

Result<std::unique_ptr<KafkaBroker>> KafkaBroker::Make(std::vector<std::string> more_args, std::map<std::string, std::string> env) {
  std::unique_ptr<KafkaBroker> broker(new KafkaBroker);
  broker->more_args_ = std::move(more_args);
  broker->env_ = std::move(env);
  RETURN_IF_ERROR(broker->Launch());
  return broker;
}

KafkaBroker::~KafkaBroker() {
  if (process_) process_->Terminate(kStopTime);
}

void KafkaBroker::Kill() {
  if (process_) process_->Kill();
}

void KafkaBroker::Stop() {
  if (process_) process_->Terminate(kStopTime);
}

Status KafkaBroker::Restart() {
  Kill();
  return Launch();
}

Status KafkaBroker::Launch() {
  ProcessOptions options{.args = {CATWALK_BROKER_SCRIPT, "run", dir_.string()},
                         .env = env_,
                         .stdout_file = dir_ / "script.out",
                         .stderr_file = dir_ / "script.err"};
  options.args.insert(options.args.end(), more_args_.begin(), more_args_.end());
  ASSIGN_OR_RETURN(process_, Process::Start(options));
  const Deadline deadline = std::chrono::steady_clock::now() + kStartTime;
  RETURN_IF_ERROR(AwaitAddress(deadline));
  return AwaitMetadata(deadline);
}

Status KafkaBroker::AwaitAddress(Deadline deadline) {
  while (bootstrap_.empty()) {
    RETURN_IF_ERROR(CheckRunning());
    RETURN_IF_ERROR(CheckDeadline(deadline, "did not choose a port"));
    const std::string line = ReadFile(dir_ / "address");
    if (line.ends_with('\n')) bootstrap_ = line.substr(0, line.size() - 1);
  }
  return Status::Ok();
}

Status KafkaBroker::AwaitMetadata(Deadline deadline) {
  ASSIGN_OR_RETURN(const Client client, MakeClient(bootstrap_));
  while (!HasBroker(client.get())) {
    RETURN_IF_ERROR(CheckRunning());
    RETURN_IF_ERROR(CheckDeadline(deadline, "did not answer"));
  }
  return Status::Ok();
}

/// Waits a moment for the process to end: both the check and the pause between two looks at it.
Status KafkaBroker::CheckRunning() {
  if (!process_->Wait(kBetweenLooks)) return Status::Ok();
  const std::string why = ReadFile(dir_ / "script.err") + Tail(ReadFile(dir_ / "log"));
  return {Code::kNotFound, "the test's Kafka broker ended while starting: " + why};
}

}  // namespace catwalk::tests
