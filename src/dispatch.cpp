// SPDX-License-Identifier: BSD-3-Clause
#include "src/dispatch.hpp"

#include "src/cpu.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace anisograd {

namespace {

constexpr const char* isa_variable = "ANISOGRAD_ISA";

const KernelTable* usable_table(ag_isa isa) {
    if (!cpu_runs(isa))
        return nullptr;
    for (int i = 0; i < kernel_table_count; ++i)
        if (kernel_tables[i]->isa == isa)
            return kernel_tables[i];
    return nullptr;
}

const KernelTable* best_table() {
    for (int i = 0; i < kernel_table_count; ++i)
        if (cpu_runs(kernel_tables[i]->isa))
            return kernel_tables[i];
    return nullptr;
}

// What the environment asks for; null where it asks for what cannot be had.
const KernelTable* table_from_environment() {
    const char* name = std::getenv(isa_variable);
    if (name == nullptr || *name == '\0')
        return best_table();
    for (ag_isa isa = AG_ISA_PORTABLE; isa <= AG_ISA_NEON; ++isa)
        if (std::strcmp(name, ag_isa_name(isa)) == 0)
            return usable_table(isa);
    return nullptr;
}

struct UsableNames {
    char text[64] = "";
};

UsableNames usable_names() {
    UsableNames names;
    std::size_t length = 0;
    for (int i = kernel_table_count - 1; i >= 0; --i)
        if (cpu_runs(kernel_tables[i]->isa))
            length += static_cast<std::size_t>(std::snprintf(names.text + length, sizeof names.text - length,
                                                             "%s%s", length == 0 ? "" : ", ",
                                                             ag_isa_name(kernel_tables[i]->isa)));
    return names;
}

std::atomic<const KernelTable*> chosen_table{nullptr}; // by ag_set_isa; null: by the environment

const KernelTable* current_table() {
    if (const KernelTable* chosen = chosen_table.load(std::memory_order_relaxed))
        return chosen;
    static const KernelTable* const from_environment = table_from_environment();
    return from_environment;
}

} // namespace

const KernelTable* active_table(FunctionName function) {
    const KernelTable* table = current_table();
    if (table == nullptr) {
        const char* name = std::getenv(isa_variable);
        set_error(
            function, AG_ERROR_UNSUPPORTED_ISA,
            "the environment asks for %s=%.64s, which is unknown or which this CPU lacks; usable here: %s",
            isa_variable, name != nullptr ? name : "(unset since)", usable_names().text);
    }
    return table;
}

} // namespace anisograd

using namespace anisograd;

extern "C" {

const char* ag_isa_name(ag_isa isa) {
    switch (isa) {
    case AG_ISA_NONE:
        return "none";
    case AG_ISA_PORTABLE:
        return "portable";
    case AG_ISA_AVX2:
        return "avx2";
    case AG_ISA_AVX512:
        return "avx512";
    case AG_ISA_NEON:
        return "neon";
    default:
        return "unknown";
    }
}

int ag_isa_supported(ag_isa isa) {
    return usable_table(isa) != nullptr ? 1 : 0;
}

ag_isa ag_active_isa(void) {
    const KernelTable* table = current_table();
    return table != nullptr ? table->isa : AG_ISA_NONE;
}

ag_status ag_set_isa(ag_isa isa) {
    const KernelTable* table = usable_table(isa);
    if (table == nullptr)
        return set_error({"ag_set_isa", ""}, AG_ERROR_UNSUPPORTED_ISA,
                         "isa = %d (%s) is unknown or this CPU lacks it; usable here: %s",
                         static_cast<int>(isa), ag_isa_name(isa), usable_names().text);
    chosen_table.store(table, std::memory_order_relaxed);
    return AG_OK;
}

const char* ag_version_string(void) {
#define AG_TEXT_OF(x) #x
#define AG_TEXT(x) AG_TEXT_OF(x)
    return AG_TEXT(AG_VERSION_MAJOR) "." AG_TEXT(AG_VERSION_MINOR) "." AG_TEXT(AG_VERSION_PATCH);
}

} // extern "C"
