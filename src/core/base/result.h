// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

#include "core/base/error.h"

namespace reeve {

// A value or the one error that prevented it.
//   ignored   a compiler warning (and so an error here)
//   misused   reading the value of an error aborts; tl::expected alone would read garbage
// Propagate with REEVE_TRY; the monadic members of tl::expected exist but return the base type.
template <typename T = void>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using Base = tl::expected<T, Error>;
  using Base::Base;

  Result(Error error) : Base(tl::unexpect, std::move(error)) {}  // NOLINT: meant to be implicit

  decltype(auto) operator*() & { return Checked().Base::operator*(); }

  decltype(auto) operator*() const& { return Checked().Base::operator*(); }

  decltype(auto) operator*() && { return std::move(Checked()).Base::operator*(); }

  auto* operator->() { return Checked().Base::operator->(); }

  const auto* operator->() const { return Checked().Base::operator->(); }

 private:
  Result& Checked() {
    if (!this->has_value()) std::abort();
    return *this;
  }

  const Result& Checked() const {
    if (!this->has_value()) std::abort();
    return *this;
  }
};

template <>
class [[nodiscard]] Result<void> : public tl::expected<void, Error> {
 public:
  using Base = tl::expected<void, Error>;
  using Base::Base;

  Result(Error error) : Base(tl::unexpect, std::move(error)) {}  // NOLINT: meant to be implicit
};

}  // namespace reeve

#define REEVE_CONCAT_INNER(a, b) a##b
#define REEVE_CONCAT(a, b) REEVE_CONCAT_INNER(a, b)

// REEVE_TRY(auto v, F()): v is the value of F(), or the enclosing function returns its error.
#define REEVE_TRY(declaration, expression) \
  REEVE_TRY_INNER(declaration, expression, REEVE_CONCAT(reeve_try_, __COUNTER__))
#define REEVE_TRY_INNER(declaration, expression, name)   \
  auto name = (expression);                              \
  if (!name.has_value()) return std::move(name).error(); \
  declaration = *std::move(name)

#define REEVE_TRY_VOID(expression) \
  REEVE_TRY_VOID_INNER(expression, REEVE_CONCAT(reeve_try_, __COUNTER__))
#define REEVE_TRY_VOID_INNER(expression, name) \
  auto name = (expression);                    \
  if (!name.has_value()) return std::move(name).error()

// A broken invariant: abort, the supervisor restarts us, the kernel has kept the state.
#define REEVE_CHECK(condition)      \
  do {                              \
    if (!(condition)) std::abort(); \
  } while (false)
