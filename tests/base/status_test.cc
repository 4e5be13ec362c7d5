#include "base/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "tests/testing/matchers.h"

namespace catwalk {
namespace {

using tests::HasCode;
using tests::IsOk;
using tests::IsOkAndHolds;

Status Full() { return {Code::kNoSpace, "the disk is full; free some space", Recovery::kRetryable}; }

std::string Printed(const Status& status) {
  std::ostringstream out;
  out << status;
  return out.str();
}

TEST(Status, IsOkWithoutAnError) {
  EXPECT_THAT(Status(), IsOk());
  EXPECT_THAT(Status::Ok(), HasCode(Code::kOk));
  EXPECT_EQ(Printed(Status::Ok()), "ok");
}

TEST(Status, SuccessHasNoRecovery) {
  EXPECT_FALSE(Status::Ok().retryable());
  EXPECT_FALSE(Status::Ok().abortable());
  EXPECT_FALSE(Status::Ok().fatal());
}

TEST(Status, SaysExactlyOneThingToDo) {
  const Status retryable(Code::kTimeout, "", Recovery::kRetryable);
  const Status abortable(Code::kTimeout, "", Recovery::kAbortable);
  const Status fatal(Code::kTimeout, "");
  EXPECT_TRUE(retryable.retryable() && !retryable.abortable() && !retryable.fatal());
  EXPECT_TRUE(!abortable.retryable() && abortable.abortable() && !abortable.fatal());
  EXPECT_TRUE(!fatal.retryable() && !fatal.abortable() && fatal.fatal());
}

TEST(Status, PrintsCodeAndMessage) { EXPECT_EQ(Printed(Full()), "no_space: the disk is full; free some space"); }

TEST(Status, PrefixKeepsCodeAndRecovery) {
  const Status prefixed = Full().WithPrefix("task 3");
  EXPECT_THAT(prefixed, HasCode(Code::kNoSpace));
  EXPECT_TRUE(prefixed.retryable());
  EXPECT_EQ(prefixed.message(), "task 3: the disk is full; free some space");
  EXPECT_THAT(Status::Ok().WithPrefix("task 3"), IsOk());
}

TEST(Status, EveryCodeHasANameOfItsOwn) {
  std::set<std::string> names;
  for (int code = 0; code <= static_cast<int>(Code::kInternal); ++code) {
    names.emplace(CodeName(static_cast<Code>(code)));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(Code::kInternal) + 1);
  EXPECT_FALSE(names.contains(""));
  EXPECT_EQ(CodeName(Code::kInternal), "internal");
}

TEST(Result, HoldsAValueOrAnError) {
  EXPECT_THAT(Result<int>(7), IsOkAndHolds(7));
  EXPECT_THAT(Result<int>(Full()), HasCode(Code::kNoSpace));
  EXPECT_EQ(Result<int>(Full()).status().message(), Full().message());
}

TEST(Result, GivesAwayWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 7);
}

Result<int> Half(int value) {
  if (value % 2 != 0) return Status(Code::kInvalidArgument, "odd; give an even number");
  return value / 2;
}

Result<int> Quarter(int value) {
  ASSIGN_OR_RETURN(const int half, Half(value));
  ASSIGN_OR_RETURN(int quarter, Half(half));
  return quarter;
}

Status CheckEven(int value, int* reached) {
  RETURN_IF_ERROR(Half(value).status());
  ++*reached;
  return Status::Ok();
}

TEST(AssignOrReturn, PassesValuesOnAndStopsAtTheFirstError) {
  EXPECT_THAT(Quarter(12), IsOkAndHolds(3));
  EXPECT_THAT(Quarter(6), HasCode(Code::kInvalidArgument));
  EXPECT_THAT(Quarter(5), HasCode(Code::kInvalidArgument));
}

TEST(ReturnIfError, GoesOnOnlyAfterSuccess) {
  int reached = 0;
  EXPECT_THAT(CheckEven(2, &reached), IsOk());
  EXPECT_EQ(reached, 1);
  EXPECT_THAT(CheckEven(3, &reached), HasCode(Code::kInvalidArgument));
  EXPECT_EQ(reached, 1);
}

}  // namespace
}  // namespace catwalk
