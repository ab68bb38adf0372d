// SPDX-License-Identifier: BSD-3-Clause
//
// What every ISA, number of threads, compiler and machine gives, as anisograd-selftest --print prints it. A change of
// a number here is a change of what the library promises, and belongs in the changelog.
#pragma once

#include <cstdint>
#include <string_view>

namespace selftest {

struct Expected {
    std::string_view name;
    std::uint64_t checksum;
};

inline constexpr Expected all_expected[] = {
    {"adagrad_step/f32", 0xe2c24460671116fe},
    {"adagrad_step_averaged/f32", 0xd9c6615ce8f62615},
    {"adagrad_step_projected/f32", 0xc860794c42fb8e99},
    {"adagrad_norm_step/f32", 0xfbdbeca574e075c1},
    {"adagrad_dual_averaging_step/f32", 0x23631c59ccdb1ed6},
    {"sgd_step/f32", 0x38cdb0dcb79c96f8},
    {"adagrad_step_rows/f32", 0x9cfa449207d63c52},
    {"squared_norm/f32", 0xb1c819923f06db48},
    {"project/box/f32", 0xa6412acfc8d4d24b},
    {"project/l2_ball/f32", 0xc8252fbcda4aa1e1},
    {"project/l1_ball/f32", 0x95c9e60293e570ff},
    {"project/simplex/f32", 0xa337932cf42be30f},
    {"project/capped_simplex/f32", 0x325b95f7915f21ea},
    {"project/box_section/f32", 0x1236e6f20d231b5c},
    {"project/halfspace/f32", 0x16d7ea976c0046a7},
    {"project/slab/f32", 0x55f72ba6e3fe85f9},
    {"project/second_order_cone/f32", 0xd9c83ab69adfe90d},
    {"project/group_l1_ball/f32", 0x1ca17728c19fa494},
    {"project_rows/f32", 0xcf084c4035287ed2},
    {"exp/f32", 0x00b59b037311f1f8},
    {"log1p/f32", 0xcc8f1a9a52992687},
    {"sigmoid/f32", 0x9b571982623e0010},
    {"softplus/f32", 0xeea531497e39f59c},
    {"logistic_dense/f32", 0x35eee3c176e5372c},
    {"logistic_csr/f32", 0x26b101af9b18115e},
    {"adagrad_step_bf16/f32", 0x1422143344ea9629},
    {"adagrad_step_f16/f32", 0x2d30f0f3250d73df},
    {"adagrad_step_compressed/f32", 0xc1c2c2089e29e4b3},
    {"shuffle_indices/f32", 0xa82e79afd65eb1d2},
    {"logistic_dense_16_bits/f32", 0x7b7bd57c01780623},
    {"adagrad_step/f64", 0x722de42a7823a433},
    {"adagrad_step_averaged/f64", 0xac3870ddb72ada06},
    {"adagrad_step_projected/f64", 0xf50f49f5c6703a80},
    {"adagrad_norm_step/f64", 0x75a70587f5eed6b6},
    {"adagrad_dual_averaging_step/f64", 0xdfacc2336bece694},
    {"sgd_step/f64", 0x9cd618db340f34ee},
    {"adagrad_step_rows/f64", 0xa50b3eb2291002b9},
    {"squared_norm/f64", 0xb1c819923f06db48},
    {"project/box/f64", 0x0d9400bc07a98d9b},
    {"project/l2_ball/f64", 0x8ea89063276b56b6},
    {"project/l1_ball/f64", 0x72954870844e88d3},
    {"project/simplex/f64", 0x69ff5b94a1e7b834},
    {"project/capped_simplex/f64", 0xb05bf0fc5b16d341},
    {"project/box_section/f64", 0xbe4046bb7b368950},
    {"project/halfspace/f64", 0x8f1bd2d3ff788c44},
    {"project/slab/f64", 0xf3033ce337b29780},
    {"project/second_order_cone/f64", 0x6ad9589254070659},
    {"project/group_l1_ball/f64", 0xdb3a6cee806eaabd},
    {"project_rows/f64", 0xdd5f51997016e0ac},
    {"exp/f64", 0x9a6ad1d914ae0e35},
    {"log1p/f64", 0x22e54def905b4e04},
    {"sigmoid/f64", 0x8015f2dafdbbacc6},
    {"softplus/f64", 0x0b4e8fd906439ff2},
    {"logistic_dense/f64", 0x4dcdf8d0af6b9593},
    {"logistic_csr/f64", 0x07956de41a7ba878},
};

inline const Expected* find_expected(std::string_view name) {
    for (const Expected& expected : all_expected)
        if (expected.name == name)
            return &expected;
    return nullptr;
}

} // namespace selftest
