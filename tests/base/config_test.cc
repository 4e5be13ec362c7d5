#include "base/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "base/exit_code.h"
#include "base/logging.h"

namespace catwalk {
namespace {

struct Options {
  int workers = 2;
  int64_t commit_interval_ms = 10;
  uint64_t memory_bytes = 1 << 20;
  double rate = 0.5;
  std::chrono::milliseconds session_timeout{10'000};
  bool keep = false;
  std::string encoding = "protobuf";
  std::string sasl_password;
  std::map<std::string, std::string> properties;
};

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    config.Add("workers", &options.workers, "Threads", {.min = 1, .max = 64});
    config.Add("users.commit_interval_ms", &options.commit_interval_ms, "Milliseconds between commits", {.min = 1});
    config.Add("state.memory_bytes", &options.memory_bytes, "Bytes in memory");
    config.Add("replay.rate", &options.rate, "Events per second", {.min = 0.25});
    config.Add("kafka.session_timeout_ms", &options.session_timeout, "Milliseconds until a member is gone");
    config.Add("keep", &options.keep, "Keeps running");
    config.Add("kafka.encoding", &options.encoding, "Of the outputs", {"protobuf", "json"});
    config.Add("kafka.password", &options.sasl_password, "For SASL");
    config.Add("kafka.properties.*", &options.properties, "Passed on to librdkafka");
  }

  Status LoadVariables(std::vector<const char*> variables) {
    variables.push_back(nullptr);
    return config.LoadEnvironment(variables.data());
  }
  std::string ErrorOf(const std::string& yaml) {
    const Status status = config.LoadYaml(yaml, "c.yaml");
    EXPECT_EQ(status.code(), status.ok() ? Code::kOk : Code::kInvalidConfig);
    return status.message();
  }

  Options options;
  Config config;
};

TEST_F(ConfigTest, ReadsEveryTypeFromAFile) {
  ASSERT_EQ(ErrorOf(R"(
workers: 7
users: {commit_interval_ms: -0}
)"),
            "c.yaml:3: users.commit_interval_ms must be at least 1, not \"-0\"");
  const Status status = config.LoadYaml(R"(
workers: 7
users:
  commit_interval_ms: 9000000000
state.memory_bytes: 18446744073709551615
replay: {rate: 1e3}
kafka:
  session_timeout_ms: 45000
  encoding: json
  password: "p: #1"
  properties:
    security.protocol: SASL_SSL
    sasl: {mechanism: PLAIN}
keep: yes
)",
                                        "c.yaml");
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(options.workers, 7);
  EXPECT_EQ(options.commit_interval_ms, 9'000'000'000);
  EXPECT_EQ(options.memory_bytes, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(options.rate, 1000);
  EXPECT_EQ(options.session_timeout, std::chrono::seconds(45));
  EXPECT_TRUE(options.keep);
  EXPECT_EQ(options.encoding, "json");
  EXPECT_EQ(options.sasl_password, "p: #1");
  EXPECT_EQ(options.properties,
            (std::map<std::string, std::string>{{"security.protocol", "SASL_SSL"}, {"sasl.mechanism", "PLAIN"}}));
}

TEST_F(ConfigTest, LetsFlagsWinOverVariablesOverFilesInAnyOrder) {
  ASSERT_TRUE(config.SetFlag("workers", "3", "--workers").ok());
  ASSERT_TRUE(LoadVariables({"CATWALK_WORKERS=4", "CATWALK_USERS_COMMIT_INTERVAL_MS=40", "HOME=/"}).ok());
  ASSERT_EQ(ErrorOf("workers: 5\nusers: {commit_interval_ms: 50}\nkeep: true"), "");
  EXPECT_EQ(options.workers, 3);
  EXPECT_EQ(options.commit_interval_ms, 40);
  EXPECT_TRUE(options.keep);
  EXPECT_EQ(options.rate, 0.5);
}

TEST_F(ConfigTest, LayersTheNamesOfASectionOneByOne) {
  ASSERT_TRUE(LoadVariables({"CATWALK_KAFKA_PROPERTIES_SECURITY_PROTOCOL=SSL"}).ok());
  ASSERT_EQ(ErrorOf("kafka: {properties: {security.protocol: PLAINTEXT, debug: all}}"), "");
  EXPECT_EQ(options.properties, (std::map<std::string, std::string>{{"security.protocol", "SSL"}, {"debug", "all"}}));
}

TEST_F(ConfigTest, NamesTheLineAndTheNearestKeyOfAnUnknownOne) {
  EXPECT_EQ(ErrorOf("workers: 2\nusers:\n  comit_interval_ms: 10\n"),
            "c.yaml:3: unknown key users.comit_interval_ms; the nearest is users.commit_interval_ms, "
            "`catwalk config explain` lists all");
  EXPECT_EQ(config.SetFlag("wrokers", "1", "--set").message(),
            "--set: unknown key wrokers; the nearest is workers, `catwalk config explain` lists all");
}

TEST_F(ConfigTest, NamesTheLineOfAValueOfTheWrongType) {
  EXPECT_EQ(ErrorOf("keep: true\nworkers: ten"), "c.yaml:2: workers must be a whole number, not \"ten\"");
  EXPECT_EQ(ErrorOf("workers: 1.5"), "c.yaml:1: workers must be a whole number, not \"1.5\"");
  EXPECT_EQ(ErrorOf("workers: 99999999999"), "c.yaml:1: workers must be a whole number, not \"99999999999\"");
  EXPECT_EQ(ErrorOf("replay: {rate: nan}"), "c.yaml:1: replay.rate must be a number, not \"nan\"");
  EXPECT_EQ(ErrorOf("keep: maybe"), "c.yaml:1: keep must be true or false, not \"maybe\"");
  EXPECT_EQ(ErrorOf("kafka: {encoding: xml}"), "c.yaml:1: kafka.encoding must be one of protobuf, json, not \"xml\"");
  EXPECT_EQ(ErrorOf("workers: [1]"), "c.yaml:1: workers must be a single value, not a list");
  EXPECT_EQ(ErrorOf("keep:\n"), "c.yaml:1: keep has no value; give it one or remove the line");
  EXPECT_EQ(options.workers, 2);
}

TEST_F(ConfigTest, ChecksBoundsInEveryLayer) {
  EXPECT_EQ(ErrorOf("workers: 65"), "c.yaml:1: workers must be at most 64, not \"65\"");
  EXPECT_EQ(ErrorOf("replay: {rate: 0.1}"), "c.yaml:1: replay.rate must be at least 0.25, not \"0.1\"");
  EXPECT_EQ(LoadVariables({"CATWALK_WORKERS=0"}).message(), "CATWALK_WORKERS: workers must be at least 1, not \"0\"");
  EXPECT_EQ(config.SetFlag("workers", "", "--workers").message(),
            "--workers: workers must be a whole number, not \"\"");
}

TEST_F(ConfigTest, ChecksAValueEvenIfAHigherLayerHidesIt) {
  ASSERT_TRUE(config.SetFlag("workers", "3", "--workers").ok());
  EXPECT_EQ(ErrorOf("workers: many"), "c.yaml:1: workers must be a whole number, not \"many\"");
}

TEST_F(ConfigTest, NamesTheLineOfMalformedYaml) {
  EXPECT_EQ(ErrorOf("workers: 2\nusers: {commit_interval_ms: 1\n").substr(0, 25), "c.yaml:3: not valid YAML:");
  EXPECT_EQ(ErrorOf("workers: 2\n\tkeep: true").substr(0, 25), "c.yaml:2: not valid YAML:");
  EXPECT_EQ(ErrorOf("workers: 2\nworkers: 3"), "c.yaml:2: workers stands here for the second time; keep one of them");
  EXPECT_EQ(ErrorOf("- 1"), "c.yaml:1: expected keys and values, as in `http: {port: 0}`");
  EXPECT_EQ(ErrorOf("workers: 2\n---\nkeep: true").substr(0, 8), "c.yaml:3");
}

TEST_F(ConfigTest, TakesAnEmptyFileForNoSettings) {
  EXPECT_EQ(ErrorOf(""), "");
  EXPECT_EQ(ErrorOf("# nothing\n"), "");
}

TEST_F(ConfigTest, ReadsFilesAndRefusesOnesItCannotRead) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "catwalk-config-test";
  std::filesystem::create_directories(folder);
  const auto path = folder / "catwalk.yaml";
  std::ofstream(path) << "workers: 9\n";
  EXPECT_TRUE(config.LoadFile(path).ok());
  EXPECT_EQ(options.workers, 9);
  std::ofstream(path, std::ios::trunc).flush();
  EXPECT_TRUE(config.LoadFile(path).ok());
  for (const auto& unreadable : {folder / "none.yaml", folder}) {
    const Status status = config.LoadFile(unreadable);
    EXPECT_EQ(status.code(), Code::kInvalidConfig) << unreadable;
    EXPECT_EQ(status.message(), unreadable.string() + ": cannot be read; check the path and its permissions");
  }
  std::filesystem::remove_all(folder);
}

TEST_F(ConfigTest, ReportsVariablesThatBelongToNoKey) {
  ASSERT_TRUE(LoadVariables({"CATWALK_SERVICE_HOST=10.0.0.1", "PATH=/bin", "CATWALK_KEEP=on"}).ok());
  EXPECT_EQ(config.ignored_variables(), std::vector<std::string>{"CATWALK_SERVICE_HOST"});
  EXPECT_TRUE(options.keep);
}

TEST_F(ConfigTest, ExplainsEachValueInAnAlignedTable) {
  ASSERT_TRUE(LoadVariables({"CATWALK_WORKERS=4"}).ok());
  ASSERT_EQ(ErrorOf("\nkafka: {encoding: json, password: hunter2, properties: {ssl.key.password: hunter2}}"), "");
  std::ostringstream out;
  config.Explain(out);
  EXPECT_EQ(out.str(),
            "KEY                                VALUE     FROM             MEANING\n"
            "workers                            4         CATWALK_WORKERS  Threads\n"
            "users.commit_interval_ms           10        default          Milliseconds between commits\n"
            "state.memory_bytes                 1048576   default          Bytes in memory\n"
            "replay.rate                        0.5       default          Events per second\n"
            "kafka.session_timeout_ms           10000     default          Milliseconds until a member is gone\n"
            "keep                               false     default          Keeps running\n"
            "kafka.encoding                     json      c.yaml:2         Of the outputs\n"
            "kafka.password                     ********  c.yaml:2         For SASL\n"
            "kafka.properties.ssl.key.password  ********  c.yaml:2         Passed on to librdkafka\n");
}

TEST(Config, ExplainsInJson) {
  int workers = 2;
  std::string name = "a \"b\"";
  Config config;
  std::ostringstream none;
  config.ExplainJson(none);
  EXPECT_EQ(none.str(), "[]\n");
  config.Add("workers", &workers, "Threads");
  config.Add("name", &name, "Name");
  std::ostringstream out;
  config.ExplainJson(out);
  EXPECT_EQ(out.str(),
            R"([{"key":"workers","value":2,"from":"default","meaning":"Threads"},)"
            "\n"
            R"( {"key":"name","value":"a \"b\"","from":"default","meaning":"Name"}])"
            "\n");
}

TEST(ExitCode, IsDifferentForEveryCode) {
  std::map<int, Code> codes;
  for (int code = 0; code <= static_cast<int>(Code::kInternal); ++code) {
    const int exit_code = ExitCode(static_cast<Code>(code));
    EXPECT_TRUE(codes.emplace(exit_code, static_cast<Code>(code)).second) << exit_code;
  }
  EXPECT_EQ(ExitCode(Code::kInvalidConfig), 3);
  EXPECT_EQ(ExitCode(Code::kTimeout), 13);
}

std::string LoggedTo(const LoggingOptions& options, std::string_view message) {
  testing::internal::CaptureStderr();
  EXPECT_TRUE(SetUpLogging(options).ok());
  Log("streams")->info("{}", message);
  Log("streams")->debug("too fine");
  return testing::internal::GetCapturedStderr();
}

TEST(Logging, WritesPlainTextWithTheNameOfTheFolderOffATerminal) {
  const std::string line = LoggedTo({}, "caught up");
  ASSERT_GT(line.size(), 24u);
  EXPECT_EQ(line.substr(23), "Z info     [streams] caught up\n");
}

TEST(Logging, WritesOneJsonObjectALine) {
  const std::string line = LoggedTo({.level = "info", .format = "json"}, "a \"quoted\"\nline");
  EXPECT_EQ(line.substr(0, 9), R"({"time":")");
  EXPECT_NE(line.find(R"(Z","level":"info","logger":"streams","thread":)"), std::string::npos) << line;
  EXPECT_NE(line.find(R"(,"message":"a \"quoted\"\nline"})"), std::string::npos) << line;
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST(Logging, WritesNothingBelowItsLevel) { EXPECT_EQ(LoggedTo({.level = "warning", .format = "text"}, "x"), ""); }

TEST(Logging, RefusesUnknownLevelsAndFormats) {
  EXPECT_EQ(SetUpLogging({.level = "loud", .format = "text"}).code(), Code::kInvalidConfig);
  EXPECT_EQ(SetUpLogging({.level = "info", .format = "xml"}).code(), Code::kInvalidConfig);
}

TEST(Logging, GivesOneLoggerToAllWhoAskForAFolder) {
  EXPECT_EQ(Log("state"), Log("state"));
  EXPECT_NE(Log("state"), Log("models"));
}

}  // namespace
}  // namespace catwalk
