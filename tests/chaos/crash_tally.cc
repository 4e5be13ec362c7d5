#include "tests/chaos/crash_tally.h"

#include <iomanip>
#include <sstream>

namespace catwalk::chaos {

void CrashTally::Add(const Verdict& verdict) {
  inputs += verdict.inputs;
  outputs += verdict.outputs;
  rows += verdict.rows;
  differences += static_cast<int64_t>(verdict.differences.size());
}

void CrashTally::Add(const CrashTally& other) {
  for (const auto& [point, times] : other.fired) fired[point] += times;
  crashes += other.crashes;
  unfired += other.unfired;
  disks_lost += other.disks_lost;
  rounds_of_next_protocol += other.rounds_of_next_protocol;
  companions += other.companions;
  companions_killed += other.companions_killed;
  inputs += other.inputs;
  outputs += other.outputs;
  rows += other.rows;
  differences += other.differences;
}

std::string CrashTally::Table(const std::string& title) const {
  std::ostringstream out;
  out << title << "\n";
  for (int i = 0; i < kCrashPoints; ++i) {
    const auto point = static_cast<CrashPoint>(i);
    const auto found = fired.find(point);
    out << "  " << std::left << std::setw(20) << NameOf(point) << std::right << std::setw(6) << (found == fired.end() ? 0 : found->second) << "\n";
  }
  out << "  crashes " << crashes << ", lives without one " << unfired << ", disks lost " << disks_lost << ", lives beside a second process "
      << companions << " (" << companions_killed << " of these killed), rounds with the protocol of KIP-848 " << rounds_of_next_protocol << "\n"
      << "  inputs replayed " << inputs << ", outputs compared " << outputs << ", rows of state " << rows << ", differences " << differences
      << "\n";
  return out.str();
}

}  // namespace catwalk::chaos
