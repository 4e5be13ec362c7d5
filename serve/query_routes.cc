#include "serve/query_routes.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <optional>
#include <string>

#include "schemas/codec.h"

namespace catwalk::serve {
namespace {

namespace json = boost::json;

/// The `k` of a request, if it is a number that may be asked for.
std::optional<int> CountOf(const Request& request, const QueryRouteOptions& options) {
  const auto found = request.query.find("k");
  if (found == request.query.end()) return options.default_count;
  const std::string& text = found->second;
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (count < 1 || count > options.max_count) return std::nullopt;
  return count;
}

Response RedirectTo(const std::string& owner, const std::string& target) {
  const std::string location = "http://" + owner + target;
  const json::object body{{"error", "another process owns this user; ask " + location}, {"owner", owner}};
  return {.status = 307, .body = json::serialize(body) + "\n", .headers = {{"Location", location}}};
}

Response Recommend(Queries& queries, const QueryRouteOptions& options, const Request& request) {
  const auto count = CountOf(request, options);
  if (!count) return ErrorResponse(400, "k must be a whole number from 1 to " + std::to_string(options.max_count));
  const std::string& user = request.path.at("id");
  if (const auto owner = queries.OwnerOf(user)) return RedirectTo(*owner, request.target);
  const auto explain = request.query.find("explain");
  const bool contributions = explain != request.query.end() && explain->second == "true";
  if (explain != request.query.end() && !contributions && explain->second != "false")
    return ErrorResponse(400, "explain must be true or false");
  const auto recommendation = queries.Recommend(user, *count, contributions);
  if (!recommendation.ok()) return ErrorResponse(recommendation.status());
  Response response;
  schemas::AppendJson(*recommendation, &response.body);
  response.body += '\n';
  return response;
}

json::value OrNull(const std::optional<double>& number) { return number ? json::value(*number) : json::value(); }

json::value CatalogueOf(const DesignView& design) {
  if (!design.catalogue) return nullptr;
  const auto& entry = *design.catalogue;
  return json::object{{"title", entry.title},
                      {"category", entry.category},
                      {"silhouette", entry.silhouette},
                      {"colour", entry.colour},
                      {"material", entry.material},
                      {"designer", entry.designer},
                      {"collection", entry.collection},
                      {"released_at_ms", entry.released_at_ms},
                      {"expires_at_ms", entry.expires_at_ms}};
}

Response Design(Queries& queries, const Request& request) {
  const auto design = queries.Design(request.path.at("id"));
  if (!design.ok()) return ErrorResponse(design.status());
  const json::object body{{"design_id", design->id},
                          {"catalogue", CatalogueOf(*design)},
                          {"log_popularity", OrNull(design->log_popularity)},
                          {"weight", OrNull(design->weight)},
                          {"has_factor", design->has_factor},
                          {"factor_norm", design->factor_norm}};
  return {.body = json::serialize(body) + "\n", .headers = {}};
}

}  // namespace

void AddQueryRoutes(Router* router, Queries& queries, const QueryRouteOptions& options) {
  router->Add(Method::kGet, "/v1/users/{id}/recommendations", Runs::kOnWorker,
              [&queries, options](const Request& request, const Answer& answer) {
                answer(Recommend(queries, options, request));
              });
  router->Add(Method::kGet, "/v1/designs/{id}", Runs::kOnWorker,
              [&queries](const Request& request, const Answer& answer) { answer(Design(queries, request)); });
}

}  // namespace catwalk::serve
