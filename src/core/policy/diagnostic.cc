// SPDX-License-Identifier: Apache-2.0
#include "core/policy/diagnostic.h"

#include <algorithm>
#include <tuple>

namespace reeve::policy {
namespace {

// A finding without a place comes before all with one; a file's text never decides the order.
auto PlaceKey(const Diagnostic& d) {
  const bool placed = d.mark.known();
  return std::tuple(placed,
                    placed ? d.mark.file->layer : 0,
                    placed ? std::string_view(d.mark.file->name) : std::string_view(),
                    d.mark.line,
                    d.mark.column);
}

}  // namespace

Diagnostic& Findings::Error(std::string code,
                            SourceMark mark,
                            std::string message,
                            std::string hint) {
  ++errors_;
  all_.push_back({Severity::kError,
                  std::move(code),
                  std::move(mark),
                  std::move(message),
                  std::move(hint),
                  std::nullopt,
                  ""});
  return all_.back();
}

Diagnostic& Findings::Warning(std::string code,
                              SourceMark mark,
                              std::string message,
                              std::string hint) {
  all_.push_back({Severity::kWarning,
                  std::move(code),
                  std::move(mark),
                  std::move(message),
                  std::move(hint),
                  std::nullopt,
                  ""});
  return all_.back();
}

void Findings::SortByPlace() {
  std::ranges::stable_sort(
      all_, [](const Diagnostic& a, const Diagnostic& b) { return PlaceKey(a) < PlaceKey(b); });
  // Findings without a place are about different things even when their code is the same.
  // clang 14 cannot instantiate std::ranges::unique.
  const auto same = [](const Diagnostic& a, const Diagnostic& b) {
    return a.mark.known() && PlaceKey(a) == PlaceKey(b) && a.code == b.code;
  };
  all_.erase(std::unique(all_.begin(), all_.end(), same), all_.end());
  errors_ =
      static_cast<std::size_t>(std::ranges::count(all_, Severity::kError, &Diagnostic::severity));
}

}  // namespace reeve::policy
