#pragma once

#include <gmock/gmock.h>

#include <ostream>
#include <string>

#include "base/status.h"

namespace catwalk::tests {

inline const Status& StatusOf(const Status& status) { return status; }

template <class T>
Status StatusOf(const Result<T>& result) {
  return result.status();
}

/// Matches a Status or Result without an error: EXPECT_THAT(table.Open(), IsOk()).
MATCHER(IsOk, negation ? "is an error" : "is ok") {
  const Status status = StatusOf(arg);
  if (!status.ok()) *result_listener << status;
  return status.ok();
}

/// Matches a Status or Result with this code, whatever its message.
MATCHER_P(HasCode, code, (negation ? "has not code " : "has code ") + std::string(CodeName(code))) {
  const Status status = StatusOf(arg);
  *result_listener << status;
  return status.code() == code;
}

/// Matches a Status or Result whose message matches: HasMessage(HasSubstr("free some space")).
MATCHER_P(HasMessage, matcher,
          "message " + ::testing::DescribeMatcher<std::string>(matcher, negation)) {
  return ::testing::ExplainMatchResult(matcher, StatusOf(arg).message(), result_listener);
}

/// Matches a Result with a value that equals or matches `matcher`.
MATCHER_P(IsOkAndHolds, matcher, negation ? "is an error or holds another value" : "is ok and holds the value") {
  if (!arg.ok()) {
    *result_listener << arg.status();
    return false;
  }
  return ::testing::ExplainMatchResult(matcher, arg.value(), result_listener);
}

}  // namespace catwalk::tests
