#include "serve/router.h"

#include <algorithm>

#include "serve/percent_decode.h"

namespace catwalk::serve {
namespace {

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(separator, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

bool IsParameter(std::string_view segment) { return segment.starts_with('{'); }

bool Fits(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  return std::ranges::equal(pattern, path, [](const std::string& wanted, const std::string& got) {
    return IsParameter(wanted) ? !got.empty() : wanted == got;
  });
}

bool TakePath(const std::vector<std::string>& pattern, const std::vector<std::string>& path, Request* request) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (!IsParameter(pattern[i])) continue;
    auto value = PercentDecode(path[i], false);
    if (!value) return false;
    request->path[pattern[i].substr(1, pattern[i].size() - 2)] = std::move(*value);
  }
  return true;
}

bool TakeQuery(std::string_view query, Request* request) {
  for (const auto& pair : Split(query, '&')) {
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    auto name = PercentDecode(pair.substr(0, equals), true);
    auto value = PercentDecode(std::string_view(pair).substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) return false;
    request->query.emplace(std::move(*name), std::move(*value));
  }
  return true;
}

std::string_view MethodName(Method method) { return method == Method::kPost ? "POST" : "GET, HEAD"; }

Response WrongMethod(const Route& route) {
  const std::string allowed(MethodName(route.method));
  Response response = ErrorResponse(405, "this address takes " + allowed + " only");
  response.headers.emplace_back("Allow", allowed);
  return response;
}

}  // namespace

void Router::Add(Method method, std::string pattern, Runs runs, Handler handler) {
  auto segments = Split(pattern, '/');
  routes_.push_back({method, std::move(pattern), runs, std::move(handler), std::move(segments), routes_.size()});
}

Router::Match Router::Find(Request* request) const {
  const std::string_view target = request->target;
  const size_t question_mark = std::min(target.find('?'), target.size());
  const auto path = Split(target.substr(0, question_mark), '/');
  const Route* other_method = nullptr;
  for (const Route& route : routes_) {
    if (!Fits(route.segments, path)) continue;
    other_method = &route;
    if (route.method != request->method) continue;
    if (!TakePath(route.segments, path, request) ||
        !TakeQuery(target.substr(std::min(question_mark + 1, target.size())), request)) {
      return {nullptr, ErrorResponse(400, "the address is not percent-encoded UTF-8; write other bytes as %XX")};
    }
    return {&route, {}};
  }
  if (other_method != nullptr) return {nullptr, WrongMethod(*other_method)};
  std::string known;
  for (const Route& route : routes_) known += (known.empty() ? "" : ", ") + route.pattern;
  return {nullptr, ErrorResponse(404, "nothing is here; there are " + known)};
}

}  // namespace catwalk::serve
