#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace catwalk {

/// What went wrong, coarsely: the caller branches on this, a person reads the message.
/// base/exit_code.h gives each its exit code.
enum class Code {
  kOk,
  kInvalidArgument,     // the caller or the user gave something unusable
  kInvalidConfig,       // a configuration file, flag or variable is wrong
  kNotFound,            // a topic, file or key that should exist does not
  kUnavailable,         // a broker or address cannot be reached
  kUnsupported,         // the other side is too old for what was asked
  kTopicMismatch,       // topics exist but not as the topology needs them
  kLocked,              // another process holds the state folder
  kIncompatible,        // a stored format version this program does not know
  kCorruption,          // stored bytes that do not check out
  kNoSpace,             // the disk is full
  kAddressInUse,        // the port is taken
  kFenced,              // another process has taken over this identity
  kIdentityHeld,        // another process has this identity, or had it until it died a moment ago
  kTimeout,             // a bounded wait ran out
  kBackpressure,        // try again later, nothing was taken
  kInternal,            // a bug or an unexpected answer of a library
};

/// What the one who sees the error can do: try the same call again, abort the transaction and start it
/// anew, or give up this worker.
enum class Recovery { kRetryable, kAbortable, kFatal };

std::string_view CodeName(Code code);

/// Success, or an error with a code, a one-line message that says what to do, and a recovery.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message, Recovery recovery = Recovery::kFatal)
      : code_(code), recovery_(recovery), message_(std::move(message)) {}

  static Status Ok() { return {}; }

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  Recovery recovery() const { return recovery_; }
  const std::string& message() const { return message_; }
  bool retryable() const { return !ok() && recovery_ == Recovery::kRetryable; }
  bool abortable() const { return !ok() && recovery_ == Recovery::kAbortable; }
  bool fatal() const { return !ok() && recovery_ == Recovery::kFatal; }

  /// The same error with `prefix` and ": " before its message.
  Status WithPrefix(std::string_view prefix) const;

 private:
  Code code_ = Code::kOk;
  Recovery recovery_ = Recovery::kFatal;
  std::string message_;
};

std::ostream& operator<<(std::ostream& out, const Status& status);

/// A value, or the Status that says why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::move(value)) {}              // NOLINT: implicit by design
  Result(Status error) : held_(std::move(error)) {}         // NOLINT: implicit by design

  bool ok() const { return std::holds_alternative<T>(held_); }
  Status status() const { return ok() ? Status::Ok() : std::get<Status>(held_); }

  T& value() & { return std::get<T>(held_); }
  const T& value() const& { return std::get<T>(held_); }
  T&& value() && { return std::get<T>(std::move(held_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Status> held_;
};

}  // namespace catwalk

#define CATWALK_CONCAT_INNER(a, b) a##b
#define CATWALK_CONCAT(a, b) CATWALK_CONCAT_INNER(a, b)

/// Returns from the enclosing function if `expression` (a Status) is an error.
#define RETURN_IF_ERROR(expression)                                       \
  do {                                                                    \
    if (::catwalk::Status status_or_error = (expression); !status_or_error.ok()) \
      return status_or_error;                                             \
  } while (false)

/// Declares or assigns `target` from a Result, or returns its error.
#define ASSIGN_OR_RETURN(target, expression) \
  ASSIGN_OR_RETURN_INNER(CATWALK_CONCAT(result_, __LINE__), target, expression)
#define ASSIGN_OR_RETURN_INNER(temporary, target, expression) \
  auto temporary = (expression);                              \
  if (!temporary.ok()) return temporary.status();             \
  target = std::move(temporary).value()
