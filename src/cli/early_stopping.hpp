// SPDX-License-Identifier: BSD-3-Clause
//
// When training has stopped making progress.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>

namespace cli {

// Counts epochs in which the loss did not fall below (1 - tolerance) times the lowest before. Mini-batches make the
// loss go up and down, hence the patience.
class EarlyStopping {
public:
    // Without a tolerance it never stops.
    EarlyStopping(std::optional<double> tolerance, std::size_t patience)
        : tolerance_(tolerance), patience_(patience) {}

    // After each epoch: whether as many in a row as there is patience for made no progress.
    [[nodiscard]] bool stops(double loss) {
        if (!tolerance_) {
            return false;
        }
        if (loss < (1 - *tolerance_) * lowest_) {
            epochs_without_progress_ = 0;
        } else {
            ++epochs_without_progress_;
        }
        lowest_ = loss < lowest_ ? loss : lowest_;
        return epochs_without_progress_ >= patience_;
    }

private:
    std::optional<double> tolerance_;
    std::size_t patience_;
    double lowest_ = std::numeric_limits<double>::infinity();
    std::size_t epochs_without_progress_ = 0;
};

} // namespace cli
