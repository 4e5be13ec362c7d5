#include "operators/user_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "operators/impute_and_standardise.h"

namespace catwalk::operators {
namespace {

UserState Busy() {
  UserState user;
  user.seen = {1, 0xffffffffffffffffULL, 3};
  user.bought = {7};
  user.groups = {8, 9};
  user.said = {{77, {models::SizeScale::kLetters, 4}, models::Fit::kLarge}, {78, {models::SizeScale::kNumbers, 8}, models::Fit::kSmall}};
  user.fit.sizes[1] = {3, 11.5F};
  user.fit.measures = {1, -1, 0.5F};
  user.fit.measured = true;
  user.taken = {{17, 5, {models::SizeScale::kNumbers, 8.5F}}, {18, 6, {models::SizeScale::kLetters, 4}}};
  user.activity_seconds[1] = 3'600;
  user.activity_seconds[4] = 1'200;
  user.history = {{.design = 5, .kind = models::InteractionKind::kClick, .magnitude = 0, .at_ms = 1'690'000'000'000},
                  {.design = 6, .kind = models::InteractionKind::kDwell, .magnitude = 2.5F, .at_ms = 1'690'000'000'150},
                  {.design = 5, .kind = models::InteractionKind::kReturn, .magnitude = 0, .at_ms = 1'600'000'000'000}};
  return user;
}

std::string Encoded(const UserState& user) {
  std::string bytes;
  UserStateSerde().Encode(user, &bytes);
  return bytes;
}

TEST(UserStateSerde, GivesBackWhatItWrote) {
  UserState read;
  ASSERT_TRUE(UserStateSerde().Decode(Encoded(Busy()), &read).ok());
  EXPECT_EQ(read, Busy());
}

TEST(UserStateSerde, TakesAboutTenBytesForAnInteractionSoonAfterTheLast) {
  UserState user;
  for (int i = 0; i < 100; ++i) user.history.push_back({.design = 1, .at_ms = 1'690'000'000'000 + i * 50});
  EXPECT_LT(Encoded(user).size(), 1'050U);
}

TEST(UserStateSerde, NamesAFormatItDoesNotKnow) {
  std::string bytes = Encoded(Busy());
  bytes[0] = 9;
  UserState read;
  const Status status = UserStateSerde().Decode(bytes, &read);
  EXPECT_EQ(status.code(), Code::kIncompatible);
  EXPECT_THAT(status.message(), testing::HasSubstr("format 9"));
}

TEST(UserStateSerde, CallsEveryCutShortDamaged) {
  const std::string bytes = Encoded(Busy());
  for (size_t size = 1; size < bytes.size(); ++size) {
    UserState read;
    EXPECT_EQ(UserStateSerde().Decode(std::string_view(bytes).substr(0, size), &read).code(), Code::kCorruption) << size;
  }
}

TEST(UserStateSerde, SurvivesRandomBytes) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 60, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    if (!bytes.empty()) bytes[0] = 3;
    UserState read;
    const bool ok = UserStateSerde().Decode(bytes, &read).ok();
    EXPECT_TRUE(!ok || read.history.size() <= bytes.size());
  }
}

TEST(ActivityShares, DivideTheTimeByKind) {
  const auto shares = ActivityShares(Busy());
  EXPECT_DOUBLE_EQ(shares[1], 0.75);
  EXPECT_DOUBLE_EQ(shares[4], 0.25);
  EXPECT_DOUBLE_EQ(shares[0], 0);
  EXPECT_DOUBLE_EQ(ActivityShares({})[1], 0);
}

TEST(Moments, StandardiseByMeanAndDeviation) {
  Moments moments;
  for (const double x : {2.0, 4.0, 6.0}) moments.Add(x);
  EXPECT_DOUBLE_EQ(moments.mean, 4);
  EXPECT_DOUBLE_EQ(moments.Standardise(6), 1);
  EXPECT_DOUBLE_EQ(moments.Standardise(1e300), 8);
  EXPECT_DOUBLE_EQ(Moments().Standardise(3), 0);
}

}  // namespace
}  // namespace catwalk::operators
