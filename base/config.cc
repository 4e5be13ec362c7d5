#include "base/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <cctype>
#include <charconv>
#include <cmath>
#include <concepts>
#include <fstream>
#include <numeric>
#include <ostream>
#include <set>
#include <sstream>
#include <utility>

namespace catwalk {
namespace {

constexpr std::string_view kVariablePrefix = "CATWALK_";
constexpr std::string_view kMask = "********";

template <class Number>
std::string Render(Number number) {
  std::array<char, 64> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return {text.data(), end};
}

/// The number, if the text is one as a whole; false if not.
template <class Number>
bool ParseNumber(std::string_view text, Number* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  if constexpr (std::floating_point<Number>) return std::isfinite(*number);
  return true;
}

std::optional<bool> ParseBool(std::string_view text) {
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  return std::nullopt;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string joined;
  for (const auto& word : words) joined += (joined.empty() ? "" : ", ") + word;
  return joined;
}

bool IsSecret(std::string key) {
  std::ranges::transform(key, key.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array kWords{"password", "secret", "token", "jaas", ".pem"};
  return std::ranges::any_of(kWords, [&](const char* word) { return key.find(word) != std::string::npos; });
}

std::string VariableOf(std::string_view key) {
  std::string name(kVariablePrefix);
  for (const unsigned char c : key) name += std::isalnum(c) ? static_cast<char>(std::toupper(c)) : '_';
  return name;
}

/// Levenshtein's: insertions, deletions and substitutions from one to the other.
size_t EditDistance(std::string_view from, std::string_view to) {
  std::vector<size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < from.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < to.size(); ++j) {
      const size_t substituted = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

Status Wrong(const std::string& where, const std::string& what) {
  return {Code::kInvalidConfig, where + ": " + what};
}

std::string LineOf(const YAML::Node& node, const std::string& name) {
  return name + ":" + std::to_string(node.Mark().line + 1);
}

/// Calls `set` with the dotted key and the text of every scalar under `node`.
using SetScalar = std::function<Status(const std::string& key, const std::string& text, const std::string& where)>;

Status Flatten(const YAML::Node& node, const std::string& prefix, const std::string& name, const SetScalar& set) {
  std::set<std::string> seen;
  for (const auto& member : node) {
    const std::string where = LineOf(member.first, name);
    if (!member.first.IsScalar()) return Wrong(where, "a key must be a word; remove the brackets or quotes around it");
    const std::string key = prefix + member.first.Scalar();
    if (!seen.insert(key).second) return Wrong(where, key + " stands here for the second time; keep one of them");
    const YAML::Node& value = member.second;
    if (value.IsMap()) {
      RETURN_IF_ERROR(Flatten(value, key + ".", name, set));
    } else if (value.IsScalar()) {
      RETURN_IF_ERROR(set(key, value.Scalar(), where));
    } else {
      return Wrong(where, key + (value.IsNull() ? " has no value; give it one or remove the line"
                                                : " must be a single value, not a list"));
    }
  }
  return Status::Ok();
}

}  // namespace

template <class T, class Value>
void Config::AddNumber(std::string key, Value* value, std::string meaning, Bounds<T> bounds) {
  Entry entry;
  entry.assign = [value, bounds](std::string_view text, bool store) -> std::string {
    T number{};
    if (!ParseNumber(text, &number)) return std::floating_point<T> ? "a number" : "a whole number";
    if (bounds.min && number < *bounds.min) return "at least " + Render(*bounds.min);
    if (bounds.max && number > *bounds.max) return "at most " + Render(*bounds.max);
    if (store) *value = Value(number);
    return "";
  };
  if constexpr (std::same_as<T, Value>) {
    entry.render = [value] { return Render(*value); };
  } else {
    entry.render = [value] { return Render(value->count()); };
  }
  entry.key = std::move(key);
  entry.meaning = std::move(meaning);
  entries_.push_back(std::move(entry));
}

void Config::Add(std::string key, int* value, std::string meaning, Bounds<int> bounds) {
  AddNumber<int>(std::move(key), value, std::move(meaning), bounds);
}

void Config::Add(std::string key, int64_t* value, std::string meaning, Bounds<int64_t> bounds) {
  AddNumber<int64_t>(std::move(key), value, std::move(meaning), bounds);
}

void Config::Add(std::string key, uint64_t* value, std::string meaning, Bounds<uint64_t> bounds) {
  AddNumber<uint64_t>(std::move(key), value, std::move(meaning), bounds);
}

void Config::Add(std::string key, double* value, std::string meaning, Bounds<double> bounds) {
  AddNumber<double>(std::move(key), value, std::move(meaning), bounds);
}

void Config::Add(std::string key, std::chrono::milliseconds* value, std::string meaning, Bounds<int64_t> bounds) {
  AddNumber<int64_t>(std::move(key), value, std::move(meaning), bounds);
}

void Config::Add(std::string key, bool* value, std::string meaning) {
  Entry entry;
  entry.assign = [value](std::string_view text, bool store) -> std::string {
    const auto parsed = ParseBool(text);
    if (!parsed) return "true or false";
    if (store) *value = *parsed;
    return "";
  };
  entry.render = [value] { return *value ? "true" : "false"; };
  entry.key = std::move(key);
  entry.meaning = std::move(meaning);
  entries_.push_back(std::move(entry));
}

void Config::Add(std::string key, std::string* value, std::string meaning, std::vector<std::string> choices) {
  Entry entry;
  entry.is_text = true;
  entry.assign = [value, choices = std::move(choices)](std::string_view text, bool store) -> std::string {
    if (!choices.empty() && std::ranges::find(choices, text) == choices.end()) return "one of " + Joined(choices);
    if (store) *value = std::string(text);
    return "";
  };
  entry.render = [value] { return *value; };
  entry.key = std::move(key);
  entry.meaning = std::move(meaning);
  entries_.push_back(std::move(entry));
}

void Config::Add(std::string section, std::map<std::string, std::string>* values, std::string meaning) {
  if (section.ends_with('*')) section.pop_back();
  if (!section.ends_with('.')) section += '.';
  Entry entry;
  entry.is_text = true;
  entry.key = std::move(section);
  entry.meaning = std::move(meaning);
  entry.section = values;
  entries_.push_back(std::move(entry));
}

Config::Entry* Config::Find(std::string_view key) {
  const auto belongs = [key](const Entry& entry) {
    return entry.section ? key.size() > entry.key.size() && key.starts_with(entry.key) : key == entry.key;
  };
  const auto found = std::ranges::find_if(entries_, belongs);
  return found == entries_.end() ? nullptr : &*found;
}

Status Config::UnknownKey(std::string_view key, const std::string& where) const {
  const auto nearest =
      std::ranges::min_element(entries_, {}, [key](const Entry& entry) { return EditDistance(key, entry.key); });
  std::string what = "unknown key " + std::string(key);
  if (nearest != entries_.end()) {
    what += "; the nearest is " + nearest->key + (nearest->section ? "*" : "") +
            ", `catwalk config explain` lists all";
  }
  return Wrong(where, what);
}

Status Config::Set(std::string_view key, std::string_view text, Source source) {
  Entry* entry = Find(key);
  if (entry == nullptr) return UnknownKey(key, source.where);
  if (entry->section != nullptr) {
    const std::string name(key.substr(entry->key.size()));
    Source& current = entry->section_sources[name];
    if (source.layer < current.layer) return Status::Ok();
    (*entry->section)[name] = text;
    current = std::move(source);
    return Status::Ok();
  }
  const bool store = source.layer >= entry->source.layer;
  if (const std::string wanted = entry->assign(text, store); !wanted.empty()) {
    const std::string got = IsSecret(entry->key) ? std::string(kMask) : std::string(text);
    return Wrong(source.where, entry->key + " must be " + wanted + ", not \"" + got + "\"");
  }
  if (store) entry->source = std::move(source);
  return Status::Ok();
}

Status Config::LoadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (!file.is_open() || file.bad()) {
    return Wrong(path, "cannot be read; check the path and its permissions");
  }
  return LoadYaml(text.str(), path);
}

Status Config::LoadYaml(const std::string& text, const std::string& name) {
  const auto set = [this](const std::string& key, const std::string& value, const std::string& where) {
    return Set(key, value, {Layer::kFile, where});
  };
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.empty() || documents[0].IsNull()) return Status::Ok();
    if (documents.size() > 1) {
      return Wrong(LineOf(documents[1], name), "a second document; keep one, without --- lines");
    }
    if (!documents[0].IsMap()) {
      return Wrong(LineOf(documents[0], name), "expected keys and values, as in `http: {port: 0}`");
    }
    return Flatten(documents[0], "", name, set);
  } catch (const YAML::Exception& error) {
    return Wrong(name + ":" + std::to_string(error.mark.line + 1), "not valid YAML: " + error.msg);
  }
}

Status Config::LoadEnvironment(const char* const* variables) {
  for (; *variables != nullptr; ++variables) {
    const std::string_view variable = *variables;
    const size_t equals = variable.find('=');
    if (!variable.starts_with(kVariablePrefix) || equals == std::string_view::npos) continue;
    RETURN_IF_ERROR(SetVariable(std::string(variable.substr(0, equals)), variable.substr(equals + 1)));
  }
  return Status::Ok();
}

Status Config::SetVariable(const std::string& name, std::string_view text) {
  for (const Entry& entry : entries_) {
    const std::string variable = VariableOf(entry.key);
    if (!entry.section) {
      if (name == variable) return Set(entry.key, text, {Layer::kEnvironment, name});
    } else if (name.size() > variable.size() && name.starts_with(variable)) {
      std::string key = entry.key;
      for (const unsigned char c : name.substr(variable.size())) {
        key += c == '_' ? '.' : static_cast<char>(std::tolower(c));
      }
      return Set(key, text, {Layer::kEnvironment, name});
    }
  }
  ignored_variables_.push_back(name);
  return Status::Ok();
}

Status Config::SetFlag(std::string_view key, std::string_view text, const std::string& flag) {
  return Set(key, text, {Layer::kFlag, flag});
}

std::vector<Config::Row> Config::Rows() const {
  std::vector<Row> rows;
  const auto add = [&rows](const std::string& key, const std::string& value, const Source& source, const Entry& entry) {
    const bool masked = IsSecret(key) && !value.empty();
    rows.push_back({key, masked ? std::string(kMask) : value, source.where, entry.meaning, entry.is_text || masked});
  };
  for (const Entry& entry : entries_) {
    if (!entry.section) {
      add(entry.key, entry.render(), entry.source, entry);
      continue;
    }
    for (const auto& [name, value] : *entry.section) {
      const auto source = entry.section_sources.find(name);
      add(entry.key + name, value, source == entry.section_sources.end() ? Source{} : source->second, entry);
    }
  }
  return rows;
}

void Config::Explain(std::ostream& out) const {
  std::vector<Row> rows = Rows();
  rows.insert(rows.begin(), Row{"KEY", "VALUE", "FROM", "MEANING"});
  const auto widest = [&rows](std::string Row::*column) {
    size_t width = 0;
    for (const Row& row : rows) width = std::max(width, (row.*column).size());
    return width;
  };
  const std::array widths{widest(&Row::key), widest(&Row::value), widest(&Row::from)};
  const auto padded = [](std::string text, size_t width) { return text.append(width - text.size() + 2, ' '); };
  for (const Row& row : rows) {
    out << padded(row.key, widths[0]) << padded(row.value, widths[1]) << padded(row.from, widths[2]) << row.meaning
        << '\n';
  }
}

void Config::ExplainJson(std::ostream& out) const {
  const auto quoted = [](const std::string& text) { return boost::json::serialize(boost::json::string_view(text)); };
  const char* separator = "[";
  for (const Row& row : Rows()) {
    out << std::exchange(separator, ",\n ") << R"({"key":)" << quoted(row.key) << R"(,"value":)"
        << (row.is_text ? quoted(row.value) : row.value) << R"(,"from":)" << quoted(row.from) << R"(,"meaning":)"
        << quoted(row.meaning) << '}';
  }
  out << (*separator == '[' ? "[]\n" : "]\n");
}

}  // namespace catwalk
