#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace catwalk {

/// What a number may be, both ends included.
template <class T>
struct Bounds {
  std::optional<T> min{};
  std::optional<T> max{};
};

/// Layered configuration: flags > environment > file > defaults, whatever order they are loaded in. Keys are dotted
/// ("users.commit_interval_ms"), their variable is CATWALK_USERS_COMMIT_INTERVAL_MS, in a file they nest:
///
///     users:
///       commit_interval_ms: 10
///
/// Components' Options structs are registered first (their values then are the defaults) and loaded after that:
///
///     Config config;
///     config.Add("users.commit_interval_ms", &options.commit_interval_ms, "Milliseconds between commits", {.min = 1});
///     RETURN_IF_ERROR(config.LoadFile("catwalk.yaml"));
///     RETURN_IF_ERROR(config.LoadEnvironment(environ));
///
/// Errors are kInvalidConfig and say where the value stands, what is wrong and what would be right; values loaded
/// before the error stay. One thread. What is registered must outlive the Config.
class Config {
 public:
  Config() = default;
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;

  void Add(std::string key, int* value, std::string meaning, Bounds<int> bounds = {});
  void Add(std::string key, int64_t* value, std::string meaning, Bounds<int64_t> bounds = {});
  void Add(std::string key, uint64_t* value, std::string meaning, Bounds<uint64_t> bounds = {});
  void Add(std::string key, double* value, std::string meaning, Bounds<double> bounds = {});
  /// A plain number of milliseconds.
  void Add(std::string key, std::chrono::milliseconds* value, std::string meaning, Bounds<int64_t> bounds = {});
  /// true, yes, on; false, no, off.
  void Add(std::string key, bool* value, std::string meaning);
  /// `choices`: what it may be; none: anything.
  void Add(std::string key, std::string* value, std::string meaning, std::vector<std::string> choices = {});
  /// A section of names of any kind, "kafka.properties.*": each is put into the map without the prefix. A name may have
  /// dots. In a variable an underscore of the name stands for a dot: CATWALK_KAFKA_PROPERTIES_SECURITY_PROTOCOL.
  void Add(std::string section, std::map<std::string, std::string>* values, std::string meaning);

  /// Loads a YAML file. Unknown keys are errors that name the line and the nearest known key.
  Status LoadFile(const std::string& path);
  /// The same from memory; `name` is what errors call it.
  Status LoadYaml(const std::string& text, const std::string& name);
  /// Loads NAME=value strings up to a null pointer, like environ. Variables that do not begin with CATWALK_ are not
  /// looked at; of the others, those that belong to no key are ignored (container platforms set some of their own),
  /// see ignored_variables.
  Status LoadEnvironment(const char* const* variables);
  /// One value from the command line; `flag` ("--workers") is what errors call it.
  Status SetFlag(std::string_view key, std::string_view text, const std::string& flag);

  const std::vector<std::string>& ignored_variables() const { return ignored_variables_; }

  /// Every key, its value, where that came from and what it means, as an aligned table. Secrets (keys that contain
  /// password, secret, token, jaas or .pem) are masked here and in errors.
  void Explain(std::ostream& out) const;
  /// The same as a JSON array of {"key", "value", "from", "meaning"}.
  void ExplainJson(std::ostream& out) const;

 private:
  enum class Layer { kDefault, kFile, kEnvironment, kFlag };
  struct Source {
    Layer layer = Layer::kDefault;
    std::string where = "default";
  };
  /// A key, or a section (then `key` is its prefix, dot included).
  struct Entry {
    std::string key;
    std::string meaning;
    bool is_text = false;
    /// Says what is wrong with the text (empty: nothing) and, if `store` and nothing is, takes the value.
    std::function<std::string(std::string_view text, bool store)> assign;
    std::function<std::string()> render;
    Source source;
    std::map<std::string, std::string>* section = nullptr;
    std::map<std::string, Source> section_sources;
  };
  struct Row {
    std::string key, value, from, meaning;
    bool is_text = true;
  };

  template <class T, class Value>
  void AddNumber(std::string key, Value* value, std::string meaning, Bounds<T> bounds);
  Entry* Find(std::string_view key);
  Status Set(std::string_view key, std::string_view text, Source source);
  Status SetVariable(const std::string& name, std::string_view text);
  Status UnknownKey(std::string_view key, const std::string& where) const;
  std::vector<Row> Rows() const;

  std::vector<Entry> entries_;
  std::vector<std::string> ignored_variables_;
};

}  // namespace catwalk
