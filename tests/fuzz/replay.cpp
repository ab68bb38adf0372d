// SPDX-License-Identifier: BSD-3-Clause
//
// Runs a fuzz target on files, and on the files of folders, without a fuzzer.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int count, char** arguments) {
    namespace files = std::filesystem;
    std::vector<files::path> paths;
    for (int i = 1; i < count; ++i)
        if (files::is_directory(arguments[i]))
            std::copy(files::directory_iterator(arguments[i]), {}, std::back_inserter(paths));
        else
            paths.emplace_back(arguments[i]);
    std::sort(paths.begin(), paths.end());
    for (const files::path& path : paths) {
        std::ifstream stream(path, std::ios::binary);
        const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
        if (!stream) {
            std::fprintf(stderr, "replay: %s cannot be read\n", path.c_str());
            return 1;
        }
        // Before the call, which may end the process.
        std::printf("%s\n", path.filename().c_str());
        std::fflush(stdout);
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    }
    std::printf("%zu inputs\n", paths.size());
    return paths.empty() ? 1 : 0;
}
