// Faults that are no crash of one process.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <vector>

#include "base/exit_code.h"
#include "tests/chaos/judged_installation.h"
#include "tests/chaos/moved_clock_file.h"

namespace catwalk::chaos {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::Eventually;

bool IsStopped(const tests::Process& process) {
  std::ifstream file("/proc/" + std::to_string(process.pid()) + "/stat");
  std::string word;
  while (file >> word && word.back() != ')') {
  }
  return file >> word && word == "T";
}

class Faults : public ::testing::Test {
 protected:
  Faults() { LimitPatience(); }
  CrashTally tally_;
};

/// Past its session another one has its tasks; the sleeper wakes in the middle of a transaction.
TEST_F(Faults, OfAProcessStoppedPastItsSessionAndWokenLeaveNoTrace) {
  JudgedInstallation judged(1, tests::SharedKafka());
  const auto first = judged.StartFirst();
  for (int sleep = 0; sleep < 3; ++sleep) {
    judged.Append(400);
    ASSERT_TRUE(Eventually([&] { return judged.installation().EndOf("recommendations") > 0; }));
    first->Signal(SIGSTOP);
    const auto second = judged.StartSecond();
    judged.Append(200);
    // The second one has all of the first one's tasks, or these lists could not be.
    ASSERT_TRUE(Eventually([&] { return judged.AllListsAreThere(); })) << judged.installation().ErrorsOf(1);
    first->Signal(SIGCONT);
    judged.Append(200);
    ASSERT_TRUE(Eventually([&] { return judged.AllListsAreThere(); })) << judged.installation().ErrorsOf(0);
    EXPECT_EQ(second->Terminate(seconds(20)), 0) << judged.installation().ErrorsOf(1);
  }
  EXPECT_EQ(first->Terminate(seconds(20)), 0) << judged.installation().ErrorsOf(0);
  judged.EndAndJudge(&tally_);
}

/// It falls asleep with records in hand and nothing open, so there is nothing that the broker could have given up when it goes on with them.
TEST_F(Faults, OfAProcessThatWakesWithOthersRecordsInHandLeaveNoTrace) {
  for (const char* point : {"after-poll:1", "after-poll:2", "mid-batch:1"}) {
    JudgedInstallation judged(6, tests::SharedKafka());
    judged.Append(60);
    const auto first = judged.StartFirst({}, {"--sleep-at", point});
    ASSERT_TRUE(Eventually([&] { return IsStopped(*first); })) << judged.installation().ErrorsOf(0);
    const auto second = judged.StartSecond();
    ASSERT_TRUE(Eventually([&] { return judged.AllListsAreThere(); })) << judged.installation().ErrorsOf(1);
    first->Signal(SIGCONT);
    judged.Append(100);
    ASSERT_TRUE(Eventually([&] { return judged.AllListsAreThere(); })) << judged.installation().ErrorsOf(0);
    EXPECT_EQ(first->Terminate(seconds(20)), 0) << judged.installation().ErrorsOf(0);
    EXPECT_EQ(second->Terminate(seconds(20)), 0) << judged.installation().ErrorsOf(1);
    judged.EndAndJudge(&tally_);
  }
}

TEST_F(Faults, OfTwoProcessesWithOneInstanceIdEndOneOfThem) {
  JudgedInstallation judged(2, tests::SharedKafka());
  const auto first = judged.StartFirst();
  judged.Append(300);
  const auto twin = judged.installation().Start({}, 1);
  std::optional<int> one, other;
  const auto one_has_ended = [&] {
    one = first->Wait(milliseconds(0));
    other = twin->Wait(milliseconds(0));
    return one || other;
  };
  // By KIP-848 whose name another one has is refused, by the same word as if who had it had died: that is told apart by its lasting.
  ASSERT_TRUE(Eventually(one_has_ended, seconds(NextProtocol() ? 180 : 60))) << judged.installation().ErrorsOf(0) << judged.installation().ErrorsOf(1);
  const Code why = NextProtocol() ? Code::kIdentityHeld : Code::kFenced;
  EXPECT_EQ(one ? *one : *other, ExitCode(why)) << judged.installation().ErrorsOf(one ? 0 : 1);
  judged.Append(300);
  ASSERT_TRUE(Eventually([&] { return judged.AllListsAreThere(); })) << judged.installation().ErrorsOf(one ? 1 : 0);
  EXPECT_EQ((one ? twin : first)->Terminate(seconds(20)), 0) << judged.installation().ErrorsOf(one ? 1 : 0);
  judged.EndAndJudge(&tally_);
}

/// A member that comes and goes as fast as it can while the other works.
TEST_F(Faults, OfARebalanceStormLoseAndDoubleNothing) {
  JudgedInstallation judged(3, tests::SharedKafka());
  const auto first = judged.StartFirst();
  const bool long_form = std::getenv("CATWALK_TEST_LONG") != nullptr;
  const int joins = long_form ? 80 : 12;
  int generations = 0;
  for (int join = 0; join < joins; ++join) {
    judged.Append(80);
    // Who leaves by KIP-848 has its name, and its tasks, until the session is over: with the same name nobody would notice.
    const std::string name = NextProtocol() ? "second-" + std::to_string(join) : "second";
    const auto second = judged.StartSecond({"CATWALK_RUN_INSTANCE=" + name});
    const auto has_tasks = [&] { return judged.installation().ErrorsOf(1).find("app-users/") != std::string::npos; };
    EXPECT_TRUE(join % 3 != 0 || Eventually(has_tasks)) << judged.installation().ErrorsOf(1);
    (void)second->Wait(milliseconds(100 * (join % 5)));
    EXPECT_EQ(second->Terminate(seconds(20)), 0) << judged.installation().ErrorsOf(1);
    if (has_tasks()) generations += 2;  // one gave it tasks, one takes them back; who had none may have made some, too
  }
  ASSERT_TRUE(Eventually([&] { return judged.AllListsAreThere(); })) << judged.installation().ErrorsOf(0);
  std::cout << "at least " << generations << " generations of the users' group completed, in " << joins << " times of joining and leaving\n";
  EXPECT_GE(generations, long_form ? 50 : 4);  // who leaves at once may never have been a member; every third stays until it has tasks
  EXPECT_EQ(first->Terminate(seconds(20)), 0) << judged.installation().ErrorsOf(0);
  judged.EndAndJudge(&tally_);
}

/// Kafka takes nothing from who is more than an hour ahead of its brokers. Two days are also more than a copy of the state may be old.
TEST_F(Faults, OfAClockThatJumpsBothWaysLoseAndDoubleNothing) {
  JudgedInstallation judged(5, tests::SharedKafka());
  const MovedClock clock(judged.installation().dir() / "clock");
  for (const int64_t start_s : {0, -86'400}) {
    clock.MoveBy(start_s);
    const auto first = judged.StartFirst(clock.Through());
    for (const int64_t jump_s : {3'000, -7'200, 0}) {
      clock.MoveBy(jump_s);
      judged.Append(60);
      ASSERT_TRUE(Eventually([&] { return judged.AllListsAreThere(); })) << judged.installation().ErrorsOf(0);
    }
    clock.MoveBy(2 * 86'400);
    judged.Append(60);
    const std::string ready = judged.installation().Url() + "/ready";
    ASSERT_TRUE(Eventually([&] { return tests::Fetch(ready).find("set the clocks") != std::string::npos; }))
        << tests::Fetch(ready) << judged.installation().ErrorsOf(0);
    clock.MoveBy(0);
    ASSERT_TRUE(Eventually([&] { return judged.AllListsAreThere(); })) << judged.installation().ErrorsOf(0);
    EXPECT_EQ(first->Terminate(seconds(20)), 0) << judged.installation().ErrorsOf(0);
  }
  judged.EndAndJudge(&tally_);
}

/// The files that hold state, largest first.
std::vector<fs::path> DataFiles(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto ending = entry.path().extension();
    if ((ending == ".sst" || ending == ".log") && entry.file_size() > 0) files.push_back(entry.path());
  }
  std::ranges::sort(files, std::ranges::greater(), [](const fs::path& file) { return fs::file_size(file); });
  return files;
}

void FlipByte(const fs::path& file, uintmax_t at) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(at));
  const char byte = static_cast<char>(stream.get() ^ 0x10);
  stream.seekp(static_cast<std::streamoff>(at));
  stream.put(byte);
}

/// Damage is refused or taken back to before it, never served. Whoever is refused deletes the folder, as the message says.
void RunWithDamage(JudgedInstallation& judged, CrashTally* tally, int* refused) {
  judged.Append(100);
  const auto ended = judged.installation().Run("run", {"--until-end"});
  ASSERT_TRUE(ended.exit_code == 0 || ended.exit_code == ExitCode(Code::kCorruption)) << ended.exit_code << ended.err;
  if (ended.exit_code != 0) {
    ++*refused;
    fs::remove_all(judged.StateDir());
  }
  judged.EndAndJudge(tally);
}

TEST_F(Faults, OfFlippedAndCutStateFilesAreRefusedOrRestored) {
  JudgedInstallation judged(4, tests::SharedKafka());
  judged.Append(300);
  judged.RunToEnd();
  int refused = 0;
  for (int fault = 0; fault < 6 && !HasFailure(); ++fault) {
    const auto files = DataFiles(judged.StateDir());
    ASSERT_FALSE(files.empty());
    const fs::path& file = files[static_cast<size_t>(fault) % files.size()];
    const auto size = fs::file_size(file);
    if (fault % 2 == 0) FlipByte(file, size / 2);
    else fs::resize_file(file, size * 2 / 3);
    RunWithDamage(judged, &tally_, &refused);
  }
  std::cout << refused << " of 6 damaged folders were refused, the others taken back to before the damage\n";
}

}  // namespace
}  // namespace catwalk::chaos
