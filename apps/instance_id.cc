#include "apps/instance_id.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <random>

namespace catwalk::apps {
namespace {

std::string RandomName() {
  std::random_device random;
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string name;
  for (int i = 0; i < 12; ++i) name.push_back(kLetters[random() % kLetters.size()]);
  return name;
}

}  // namespace

Result<std::string> InstanceId(const std::string& configured, const std::string& state_dir) {
  if (!configured.empty()) return configured;
  const auto path = std::filesystem::path(state_dir) / "instance-id";
  std::string name;
  if (std::ifstream(path) >> name) return name;
  name = RandomName();
  std::ofstream out(path);
  if (out << name << '\n' && out.flush()) return name;
  return Status(Code::kInvalidArgument, "cannot write " + path.string() + "; make the state folder writable, or set run.instance");
}

}  // namespace catwalk::apps
