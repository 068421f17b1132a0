// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/base/text.h"

namespace reeve {
namespace {

// Longer words are no typos of a key, and the distance is quadratic in the length.
constexpr std::size_t kLongestWord = 100;

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Insertions, deletions, replacements and swaps of neighbours; letters' case does not count.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = Lower(a[i - 1]) == Lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && Lower(a[i - 1]) == Lower(b[j - 2]) &&
                           Lower(a[i - 2]) == Lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

// One element of a pattern against one character. `next` is set behind the element.
bool ElementMatches(std::string_view pattern, std::size_t at, char c, std::size_t& next) {
  next = at + 1;
  if (pattern[at] == '?') return true;
  if (pattern[at] != '[') return pattern[at] == c;

  std::size_t i = at + 1;
  const bool negated = i < pattern.size() && pattern[i] == '!';
  if (negated) ++i;
  const std::size_t first = i;
  bool found = false;
  // A ']' that comes first is an ordinary character, as in the shell.
  while (i < pattern.size() && (pattern[i] != ']' || i == first)) {
    const auto low = static_cast<unsigned char>(pattern[i]);
    unsigned char high = low;
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      high = static_cast<unsigned char>(pattern[i + 2]);
      i += 2;
    }
    const auto byte = static_cast<unsigned char>(c);
    found = found || (low <= byte && byte <= high);
    ++i;
  }
  if (i >= pattern.size()) return c == '[';  // never closed: a plain bracket
  next = i + 1;
  return found != negated;
}

}  // namespace

std::optional<std::string_view> NearestSpelling(std::string_view word,
                                                std::span<const std::string_view> candidates) {
  if (word.empty() || word.size() > kLongestWord) return std::nullopt;
  std::optional<std::string_view> nearest;
  std::size_t best = 0;
  for (std::string_view candidate : candidates) {
    if (candidate.empty() || candidate.size() > kLongestWord) continue;
    // One mistake in three letters is a typo, more is another word.
    const std::size_t shorter = std::min(word.size(), candidate.size());
    const std::size_t allowed = std::clamp<std::size_t>(shorter / 3, 1, 3);
    const std::size_t distance = EditDistance(word, candidate);
    if (distance > allowed || distance >= shorter) continue;
    if (nearest && distance >= best) continue;
    nearest = candidate;
    best = distance;
  }
  return nearest;
}

bool GlobMatches(std::string_view pattern, std::string_view text) {
  // Only the last star is ever worth going back to: an earlier one could do no more than it.
  std::size_t p = 0;
  std::size_t t = 0;
  std::optional<std::size_t> star;
  std::size_t star_text = 0;
  while (t < text.size()) {
    std::size_t next = 0;
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && ElementMatches(pattern, p, text[t], next)) {
      p = next;
      ++t;
    } else if (star) {
      p = *star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace reeve
