#pragma once

#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "base/serde.h"

namespace catwalk::state {

/// A value for tables under test: a number and some text.
struct Note {
  int number = 0;
  std::string text;
  bool operator==(const Note&) const = default;
};

/// "number:text". Counts its calls where the test wants to know.
class NoteSerde final : public Serde<Note> {
 public:
  struct Calls {
    int encoded = 0;
    int decoded = 0;
  };
  explicit NoteSerde(Calls* calls = nullptr) : calls_(calls) {}

  void Encode(const Note& note, std::string* out) const override {
    if (calls_ != nullptr) ++calls_->encoded;
    out->append(std::to_string(note.number)).append(":").append(note.text);
  }
  Status Decode(std::string_view bytes, Note* note) const override {
    if (calls_ != nullptr) ++calls_->decoded;
    const char* const end = bytes.data() + bytes.size();
    const auto [rest, error] = std::from_chars(bytes.data(), end, note->number);
    if (error != std::errc() || rest == end || *rest != ':') return {Code::kCorruption, "not a note"};
    note->text.assign(rest + 1, end);
    return Status::Ok();
  }

 private:
  Calls* calls_;
};

}  // namespace catwalk::state
