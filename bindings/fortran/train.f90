! SPDX-License-Identifier: BSD-3-Clause
!
! Logistic regression over an L2 ball by projected AdaGrad, as in examples/train/train.c, with the same digits.
!
!     gfortran anisograd.f90 train.f90 $(pkg-config --libs anisograd) -o train
!     ./train ../../examples/data/breast_cancer.libsvm
program train
    use anisograd
    implicit none

    integer(c_size_t), parameter :: cols = 30
    integer, parameter :: epochs = 20, report_every = 5, batch_rows = 64
    real(c_double), allocatable, target :: labels(:), values(:)
    integer(c_int64_t), allocatable, target :: row_offsets(:), order(:)
    integer(c_int32_t), allocatable, target :: columns(:)
    real(c_double) :: w(cols + 1), mean(cols + 1), g(cols + 1), v(cols + 1), loss
    type(ag_csr_f64) :: x
    type(ag_logistic_options) :: logistic, batch
    type(ag_adagrad_options) :: step
    type(ag_set) :: ball
    integer(c_size_t) :: rows, first, t
    integer :: epoch
    character(1000) :: path

    if (command_argument_count() /= 1) error stop "usage: train FILE"
    call get_command_argument(1, path)
    call read_libsvm(trim(path))
    x = ag_csr_f64(rows, cols, c_loc(row_offsets), c_loc(columns), c_loc(values))

    call ag_logistic_options_init(logistic)
    logistic%fit_intercept = 1
    batch = logistic
    call ag_adagrad_options_init(step)
    step%learning_rate = 0.5d0
    call ag_set_init(ball)
    ball%kind = AG_SET_L2_BALL
    ball%radius = 2

    w = 0
    mean = 0
    call check(ag_adagrad_init(cols + 1, v, 1d-6))
    t = 0
    do epoch = 1, epochs
        call check(ag_shuffle_indices(rows, 1_c_int64_t, int(epoch - 1, c_int64_t), order))
        do first = 1, rows, batch_rows
            batch%row_indices = c_loc(order(first))
            batch%row_count = min(rows - first + 1, int(batch_rows, c_size_t))
            call check(ag_logistic(x, labels, w, batch, gradient=g))
            call check(ag_adagrad_step_projected(cols + 1, w, g, v, step, ball))
            t = t + 1
            call check(ag_average(cols + 1, mean, w, t))
        end do
        if (mod(epoch, report_every) == 0) then
            call check(ag_logistic(x, labels, mean, logistic, loss))
            print '(a, i0, a, f19.17)', 'epoch ', epoch, ' loss ', loss
        end if
    end do

contains

    subroutine check(status)
        integer(c_int32_t), intent(in) :: status
        if (status /= AG_OK) error stop ag_last_error()
    end subroutine

    ! Lines of "label column:value ...", columns from 1.
    subroutine read_libsvm(file)
        character(*), intent(in) :: file
        character(4096) :: line
        integer :: unit, status, colon, space
        integer(c_size_t) :: i, entry

        open (newunit=unit, file=file, status='old', action='read', iostat=status)
        if (status /= 0) error stop "train: the data file cannot be read"
        rows = 0
        do
            read (unit, '(a)', iostat=status) line
            if (status /= 0) exit
            rows = rows + 1
        end do
        rewind (unit)
        allocate (labels(rows), row_offsets(rows + 1), order(rows), columns(rows*cols), values(rows*cols))
        entry = 0
        row_offsets(1) = 0
        do i = 1, rows
            read (unit, '(a)') line
            read (line, *) labels(i)
            do
                colon = index(line, ':')
                if (colon == 0) exit
                space = index(line(:colon), ' ', back=.true.)
                entry = entry + 1
                read (line(space + 1:colon - 1), *) columns(entry)
                columns(entry) = columns(entry) - 1
                line = line(colon + 1:)
                read (line(:index(line, ' ')), *) values(entry)
            end do
            row_offsets(i + 1) = entry
        end do
        close (unit)
    end subroutine

end program
