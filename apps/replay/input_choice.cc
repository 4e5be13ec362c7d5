#include "apps/replay/input_choice.h"

#include <utility>

#include "apps/replay/byte_source.h"
#include "apps/replay/delimited_input.h"
#include "apps/replay/field_map.h"
#include "apps/replay/line_input.h"
#include "apps/replay/line_parser.h"
#include "apps/replay/line_reader.h"

namespace catwalk::apps {
namespace {

using schemas::Topic;

Result<std::optional<Topic>> TargetTopic(const InputOptions& options, const schemas::TopicNames& names) {
  if (options.to.empty()) return std::optional<Topic>();
  const schemas::TopicSpec* spec = names.Find(options.to);
  if (spec == nullptr || spec->topic > Topic::kDesigns)
    return Status(Code::kInvalidArgument, "--to " + options.to +
                                              ": events go to clicks, purchases, activity, feedback, profiles or designs");
  return std::optional<Topic>(spec->topic);
}

// Looks at the first line: a JSON object begins with a brace, a header does not.
Result<bool> LooksLikeJson(LineReader& lines) {
  Line line;
  ASSIGN_OR_RETURN(const bool any, lines.Next(&line));
  if (!any) return true;
  const size_t first = line.text.find_first_not_of(" \t");
  const bool json = first == std::string_view::npos || line.text[first] == '{';
  lines.PutBack(line);
  return json;
}

Status NeedsMap(const std::string& path) {
  return {Code::kInvalidArgument, path + " is not JSON lines; for a delimited file say which column is what: "
                                         "--map user_id=COLUMN,design_id=COLUMN,occurred_at_ms=COLUMN"};
}

}  // namespace

Result<std::unique_ptr<EventInput>> OpenInput(const InputOptions& options, const schemas::TopicNames& names,
                                              const Clock& clock, std::stop_token stop) {
  ASSIGN_OR_RETURN(const std::optional<Topic> topic, TargetTopic(options, names));
  ASSIGN_OR_RETURN(FieldMap map, FieldMap::Parse(options.maps, options.sets, topic.value_or(Topic::kPurchases)));
  if (options.dead_letters && (topic || !map.mappings().empty()))
    return Status(Code::kInvalidArgument,
                  "--from-dead-letters goes without --to, --map and --set: dead letters know their topic");
  ASSIGN_OR_RETURN(auto source, OpenByteSource(options.path, std::move(stop)));
  auto lines = std::make_unique<LineReader>(std::move(source));
  ASSIGN_OR_RETURN(const bool json, LooksLikeJson(*lines));
  const std::string name = SourceName(options.path);
  if (!json && options.maps.empty()) return NeedsMap(options.path);
  if (!json) return DelimitedInput::Open(std::move(lines), std::move(map), names, name, clock);
  if (!map.mappings().empty())
    return Status(Code::kInvalidArgument, "--map and --set are for delimited files, and " + options.path +
                                              " is JSON lines; leave them out");
  auto parser = options.dead_letters ? MakeDeadLetterLineParser(names) : MakeEventLineParser(names, topic, name);
  return std::unique_ptr<EventInput>(std::make_unique<LineInput>(std::move(lines), std::move(parser), clock));
}

}  // namespace catwalk::apps
