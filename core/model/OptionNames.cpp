// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/OptionNames.h"

#include <array>
#include <utility>

namespace headkv {

namespace {

template <typename Value>
using Name = std::pair<Value, std::string_view>;

constexpr std::array dtypes{Name<DType>{DType::Auto, "auto"}, Name<DType>{DType::BFloat16, "bfloat16"},
                            Name<DType>{DType::Float16, "float16"}, Name<DType>{DType::Float32, "float32"}};
constexpr std::array weightForms{Name<WeightForm>{WeightForm::Auto, "auto"},
                                 Name<WeightForm>{WeightForm::Dense, "dense"},
                                 Name<WeightForm>{WeightForm::Int4, "int4"}};

template <typename Names, typename Value>
std::string nameOf(const Names &names, Value value)
{
    for (const auto &[known, name] : names) {
        if (known == value)
            return std::string(name);
    }
    return "auto";
}

template <typename Names>
auto valueOf(const Names &names, std::string_view text)
{
    for (const auto &[value, name] : names) {
        if (name == text)
            return value;
    }
    return names.front().first; // Auto
}

} // namespace

std::string toString(DType dtype) { return nameOf(dtypes, dtype); }
std::string toString(WeightForm form) { return nameOf(weightForms, form); }
DType dtypeNamed(std::string_view name) { return valueOf(dtypes, name); }
WeightForm weightFormNamed(std::string_view name) { return valueOf(weightForms, name); }

} // namespace headkv
