#include "operators/model_decode.h"

#include "schemas/codec.h"

namespace catwalk::operators {
namespace {

constexpr int64_t kYear10000Ms = 253'402'300'800'000;

bool IsHour(int64_t start_ms) { return start_ms >= 0 && start_ms < kYear10000Ms && start_ms % kHourMs == 0; }

Status DecodeOne(ModelWork* work, OperatorContext& context) {
  work->update.Clear();
  work->done = true;
  if (const auto violation = schemas::Decode(work->record->value, &work->update))
    return context.Reject(*work->record, violation->rule, violation->message);
  if (!work->update.has_window()) {
    context.CountDropped("unknown_update");
    return Status::Ok();
  }
  if (!IsHour(work->update.window().window_start_ms()))
    return context.Reject(*work->record, "bad_window", "window_start_ms is not a full hour: give one between 1970 and 9999");
  work->done = false;
  return Status::Ok();
}

}  // namespace

Status ModelDecode::Process(std::span<ModelWork> batch, OperatorContext& context) {
  for (ModelWork& work : batch) RETURN_IF_ERROR(DecodeOne(&work, context));
  return Status::Ok();
}

}  // namespace catwalk::operators
