# SPDX-License-Identifier: BSD-3-Clause
#
# Untested: no Julia was at hand. The functions of the C interface, without prefix and type, on vectors of Float32 and
# Float64 in place; anisograd.h documents them. Rows and columns count from 0, as in C.
module Anisograd

export adagrad_init!, adagrad_step!, adagrad_step_projected!, average!, project!, logistic, shuffle_indices

const library = get(ENV, "ANISOGRAD_LIBRARY", "libanisograd.so.0.1")

"What the library refused; nothing has been written."
struct Error <: Exception
    status::Int32
    message::String
end
Base.showerror(io::IO, error::Error) = print(io, error.message)

function check(status::Int32)
    status == 0 || throw(Error(status, unsafe_string(@ccall library.ag_last_error()::Cstring)))
    return nothing
end

function check_length(name, x, n)
    length(x) == n || throw(DimensionMismatch("$name has $(length(x)) elements, not $n"))
end

# ---- The structs of anisograd.h ----

mutable struct StepOptions
    struct_size::Csize_t
    learning_rate::Float64
    epsilon::Float64
    epsilon_mode::Int32
    maximize::Int32
    weight_decay::Float64
    decoupled_weight_decay::Float64
    gradient_scale::Float64
    l1::Float64
    l2::Float64
    math::Int32
    rounding::Int32
    seed::UInt64
    step::UInt64
    StepOptions() = new()
end

mutable struct CSet
    struct_size::Csize_t
    kind::Int32
    radius::Float64
    lower::Float64
    upper::Float64
    lower_bounds::Ptr{Cvoid}
    upper_bounds::Ptr{Cvoid}
    center::Ptr{Cvoid}
    normal::Ptr{Cvoid}
    offset::Float64
    lower_offset::Float64
    report::Ptr{Cvoid}
    group_length::Csize_t
    group_offsets::Ptr{Int64}
    group_count::Csize_t
    reducer::Ptr{Cvoid}
    workspace::Ptr{Cvoid}
    workspace_size::Csize_t
    CSet() = new()
end

mutable struct LogisticOptions
    struct_size::Csize_t
    labels::Int32
    reduction::Int32
    fit_intercept::Int32
    l2::Float64
    sample_weight::Ptr{Cvoid}
    row_indices::Ptr{Int64}
    row_count::Csize_t
    workspace::Ptr{Cvoid}
    workspace_size::Csize_t
    positive_weight::Float64
    negative_weight::Float64
    label_smoothing::Float64
    LogisticOptions() = new()
end

struct CCsr
    rows::Csize_t
    cols::Csize_t
    row_offsets::Ptr{Int64}
    columns::Ptr{Int32}
    values::Ptr{Cvoid}
end

"Options with the defaults, but for those given by name."
function step_options(; fields...)
    options = StepOptions()
    @ccall library.ag_adagrad_options_init_sized(options::Ref{StepOptions}, sizeof(StepOptions)::Csize_t)::Cvoid
    for (name, value) in fields
        setfield!(options, name, convert(fieldtype(StepOptions, name), value))
    end
    return options
end

const set_kinds = Dict(:box => 0, :nonnegative => 1, :linf_ball => 2, :l2_ball => 3, :l1_ball => 4, :simplex => 6)

"A set of `set_kinds`, whose numbers (radius, lower, upper) are given by name."
function set_of(kind::Symbol; fields...)
    set = CSet()
    @ccall library.ag_set_init_sized(set::Ref{CSet}, sizeof(CSet)::Csize_t)::Cvoid
    set.kind = set_kinds[kind]
    for (name, value) in fields
        name in (:radius, :lower, :upper) || throw(ArgumentError("a set has no number $name"))
        setfield!(set, name, Float64(value))
    end
    return set
end

"A sparse matrix, compressed by rows."
struct Csr{T<:Union{Float32,Float64}}
    cols::Int
    row_offsets::Vector{Int64}
    columns::Vector{Int32}
    values::Vector{T}
    function Csr{T}(cols, row_offsets, columns, values) where {T}
        0 <= last(row_offsets) <= min(length(columns), length(values)) ||
            throw(DimensionMismatch("row_offsets ends with $(last(row_offsets))"))
        return new{T}(cols, row_offsets, columns, values)
    end
end

# ---- Functions ----

for (T, type) in ((Float32, "f32"), (Float64, "f64"))
    name(stem) = Symbol("ag_", stem, "_", type)
    @eval begin
        function adagrad_init!(v::Vector{$T}, epsilon)
            check(@ccall library.$(name("adagrad_init"))(length(v)::Csize_t, v::Ptr{$T}, epsilon::Float64)::Int32)
        end

        function adagrad_step!(w::Vector{$T}, g::Vector{$T}, v::Vector{$T}; options...)
            check_length("g", g, length(w))
            check_length("v", v, length(w))
            o = step_options(; options...)
            check(@ccall library.$(name("adagrad_step"))(length(w)::Csize_t, w::Ptr{$T}, g::Ptr{$T}, v::Ptr{$T},
                                                         o::Ref{StepOptions})::Int32)
        end

        function adagrad_step_projected!(w::Vector{$T}, g::Vector{$T}, v::Vector{$T}, set::CSet; options...)
            check_length("g", g, length(w))
            check_length("v", v, length(w))
            o = step_options(; options...)
            check(@ccall library.$(name("adagrad_step_projected"))(length(w)::Csize_t, w::Ptr{$T}, g::Ptr{$T},
                                                                   v::Ptr{$T}, o::Ref{StepOptions},
                                                                   set::Ref{CSet})::Int32)
        end

        function average!(mean::Vector{$T}, w::Vector{$T}, t::Integer)
            check_length("w", w, length(mean))
            check(@ccall library.$(name("average"))(length(w)::Csize_t, mean::Ptr{$T}, w::Ptr{$T}, t::Csize_t)::Int32)
        end

        function project!(x::Vector{$T}, set::CSet, lambda::Union{Nothing,Vector{$T}}=nothing)
            lambda === nothing || check_length("lambda", lambda, length(x))
            weights = lambda === nothing ? Ptr{$T}(0) : lambda
            check(@ccall library.$(name("project"))(length(x)::Csize_t, x::Ptr{$T}, weights::Ptr{$T},
                                                    set::Ref{CSet})::Int32)
        end

        "The loss; its gradient goes to `gradient`, where there is one."
        function logistic(X::Csr{$T}, y::Vector{$T}, w::Vector{$T}; gradient::Union{Nothing,Vector{$T}}=nothing,
                          rows::Union{Nothing,Vector{Int64}}=nothing, fit_intercept::Bool=false, l2::Real=0)
            options = LogisticOptions()
            @ccall library.ag_logistic_options_init_sized(options::Ref{LogisticOptions},
                                                          sizeof(LogisticOptions)::Csize_t)::Cvoid
            options.fit_intercept = fit_intercept
            options.l2 = l2
            check_length("y", y, length(X.row_offsets) - 1)
            check_length("w", w, X.cols + fit_intercept)
            gradient === nothing || check_length("gradient", gradient, length(w))
            loss = Ref(0.0)
            out = gradient === nothing ? Ptr{$T}(0) : gradient
            GC.@preserve X rows begin
                if rows !== nothing
                    options.row_indices = pointer(rows)
                    options.row_count = length(rows)
                end
                csr = CCsr(length(y), X.cols, pointer(X.row_offsets), pointer(X.columns), pointer(X.values))
                check(@ccall library.$(name("logistic_csr"))(csr::Ref{CCsr}, y::Ptr{$T}, w::Ptr{$T},
                                                             options::Ref{LogisticOptions}, loss::Ref{Float64},
                                                             out::Ptr{$T})::Int32)
            end
            return loss[]
        end
    end
end

"A permutation of 0, …, n - 1 that depends on n, seed and epoch alone."
function shuffle_indices(n::Integer, seed::Integer, epoch::Integer)
    indices = Vector{Int64}(undef, n)
    check(@ccall library.ag_shuffle_indices(n::Csize_t, seed::UInt64, epoch::UInt64, indices::Ptr{Int64})::Int32)
    return indices
end

end
