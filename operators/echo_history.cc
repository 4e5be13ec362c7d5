#include "operators/echo_history.h"

namespace catwalk::operators {

Status EchoHistory::Process(std::span<UserWork> batch, OperatorContext& context) {
  const auto size = static_cast<size_t>(options_.list_size);
  for (auto& work : batch) {
    if (work.done || !work.wants_list) continue;
    const auto& history = work.user->history;
    // Short histories go round, so that every list has its usual size.
    for (size_t i = 0; i < size && !history.empty(); ++i) {
      const auto& interaction = history[history.size() - 1 - i % history.size()];
      const int row = context.tables().RowOf(interaction.design);
      if (row >= 0) work.list.push_back({row, models::InteractionWeight(interaction.kind, interaction.magnitude)});
    }
  }
  return Status::Ok();
}

}  // namespace catwalk::operators
