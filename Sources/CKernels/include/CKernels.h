#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Loops that Swift's compiler does not vectorise: exponentials, reductions, strided copies, pooling.
// Every function works on dense float32 arrays given by pointer and count; in and out may be the same array
// where a function has one of each, and must not overlap otherwise.

// Activations, out[i] = f(in[i]).
void ck_exp(const float *in, float *out, ptrdiff_t count);
void ck_softplus(const float *in, float *out, ptrdiff_t count, float beta);
void ck_sigmoid(const float *in, float *out, ptrdiff_t count);
void ck_tanh(const float *in, float *out, ptrdiff_t count);
void ck_relu(const float *in, float *out, ptrdiff_t count);
void ck_leaky_relu(const float *in, float *out, ptrdiff_t count, float slope);
void ck_silu(const float *in, float *out, ptrdiff_t count);
void ck_mish(const float *in, float *out, ptrdiff_t count);
void ck_elu(const float *in, float *out, ptrdiff_t count, float alpha, float scale);
void ck_gelu(const float *in, float *out, ptrdiff_t count);
void ck_gelu_tanh(const float *in, float *out, ptrdiff_t count);
// on[i] = gain * max(in[i], 0); off[i] = max(-in[i], 0).
void ck_split_relu(const float *in, float *on, float *off, ptrdiff_t count, float gain);

// Their derivatives, g[i] *= f'(x[i]).
void ck_exp_gradient(const float *x, float *g, ptrdiff_t count);
void ck_softplus_gradient(const float *x, float *g, ptrdiff_t count, float beta);
void ck_sigmoid_gradient(const float *x, float *g, ptrdiff_t count);
void ck_tanh_gradient(const float *x, float *g, ptrdiff_t count);
void ck_leaky_relu_gradient(const float *x, float *g, ptrdiff_t count, float slope);
void ck_silu_gradient(const float *x, float *g, ptrdiff_t count);
void ck_mish_gradient(const float *x, float *g, ptrdiff_t count);
void ck_elu_gradient(const float *x, float *g, ptrdiff_t count, float alpha, float scale);
void ck_gelu_gradient(const float *x, float *g, ptrdiff_t count);
void ck_gelu_tanh_gradient(const float *x, float *g, ptrdiff_t count);
// From the gradients of both halves: g the gradient of x; returns that of the gain.
double ck_split_relu_gradient(const float *x, const float *on, const float *off, float *g, ptrdiff_t count, float gain);

// Arithmetic.
void ck_scale_shift(const float *in, float *out, ptrdiff_t count, float scale, float shift);
void ck_add(const float *in, float *out, ptrdiff_t count);
void ck_multiply(const float *in, float *out, ptrdiff_t count);
// out = a + b; the three do not overlap.
void ck_plus(const float *a, const float *b, float *out, ptrdiff_t count);
// sums[i] += in[i], in float64.
void ck_accumulate(const float *in, double *sums, ptrdiff_t count);
// sums[lag][weight][16] of `columns` (at most 16) features of rows that lie `distance` apart: for each weight its values times
// the rows `lag` before its places. `ends` says where the places of a weight end, for all weights of a stretch of rows, then
// of the next stretch. `strip` has lags - 1 + rows rows of 16, the first lags - 1 of them 0.
void ck_lagged_products(const float *features, ptrdiff_t distance, ptrdiff_t rows, ptrdiff_t columns,
                        const ptrdiff_t *places, const float *values, const ptrdiff_t *ends, ptrdiff_t end_count,
                        ptrdiff_t weights, ptrdiff_t lags, float *strip, float *sums);
// A row of pixels to its values and squares, and weight x, weight x^2 and weight x^4 added to three sums, which lie
// `distance` apart.
void ck_pixel_powers(const float *pixels, float weight, float *values, float *squares, float *sums, ptrdiff_t distance,
                     ptrdiff_t count);
// x = a x + b (y - center) + shift.
void ck_combine(float *x, const float *y, ptrdiff_t count, float a, float b, float center, float shift);
void ck_fill(float *out, ptrdiff_t count, float value);
// h = h + z (n - h), the last step of a gated recurrent unit.
void ck_blend(const float *z, const float *n, float *h, ptrdiff_t count);

// A step of AdamW: x by the gradient g, with running means of g and g^2.
typedef struct {
  float first_share, second_kept, second_share;
  float kept;        // share of x that the decay leaves
  float size;        // learning rate, corrected for the first mean's start
  float correction;  // of the second mean's root for its start
  float epsilon;
} ck_adamw_step;

void ck_adamw(float *x, const float *g, float *first, float *second, ptrdiff_t count, const ck_adamw_step *step);

// Reductions, accumulated in float64.
double ck_sum(const float *in, ptrdiff_t count);
double ck_sum_squares(const float *in, ptrdiff_t count);
double ck_dot(const float *a, const float *b, ptrdiff_t count);
double ck_weighted_sum(const double *weights, const float *in, ptrdiff_t count);
double ck_squared_deviation(const float *in, ptrdiff_t count, double mean);

// Sums over the valid bins (mask d above 0) of one cell: rates r, counts y, both as differences from the first valid bin
// in the moments.
typedef struct {
  double bins, weight, rate, count, rate_squares, count_squares, products, lowest, origin_rate, origin_count;
  double count_log_rate, count_log_exact_rate, count_log_count, log_factorials;
} ck_bin_sums;

// ln y and ln y! of small counts.
#define CK_COUNT_LOGS 64
typedef struct {
  double log[CK_COUNT_LOGS], factorial[CK_COUNT_LOGS];
} ck_count_logs;

void ck_count_logs_fill(ck_count_logs *logs);
// Adds bins [row, cell] of cells first to last - 1 to sums [cell], row after row.
void ck_add_bins(const float *rates, const float *counts, const float *mask, ptrdiff_t rows, ptrdiff_t cells,
                 ptrdiff_t first, ptrdiff_t last, double floor, const ck_count_logs *logs, ck_bin_sums *sums);

// Normalisation over channels at each position: in, out [channels, positions].
void ck_rms_norm(const float *in, float *out, ptrdiff_t channels, ptrdiff_t positions, float eps, const float *gamma,
                 const float *beta);
void ck_layer_norm(const float *in, float *out, ptrdiff_t channels, ptrdiff_t positions, float eps);
// g: the output's gradient, becomes the input's; gradients of gamma and beta are added to scale and shift.
void ck_rms_norm_gradient(const float *in, float *g, ptrdiff_t channels, ptrdiff_t positions, float eps,
                          const float *gamma, double *scale, double *shift);
void ck_layer_norm_gradient(const float *in, float *g, ptrdiff_t channels, ptrdiff_t positions, float eps);

// Scales of channels beside a factor of every position, out = in (scale + mixed factor) + shift: what norms of channels
// and one over channels are together. in, g, out [channels, positions], apart.
// Adds sums and sums of squares of each channel; factors become (mean over channels of in^2 + eps)^-1/2.
void ck_mixed_moments(const float *in, ptrdiff_t channels, ptrdiff_t positions, float eps, double *totals,
                      double *squares, float *factors);
void ck_mixed_scale(const float *in, float *out, ptrdiff_t channels, ptrdiff_t positions, const float *factors,
                    const float *scales, const float *mixed, const float *shifts);
// Adds for each channel the sums of g, of g in and of g in factor. pulls become what x is to be multiplied by for its part in
// the factors, whose gradient is g in weight.
void ck_mixed_sums(const float *in, const float *g, ptrdiff_t channels, ptrdiff_t positions, const float *factors,
                   const float *weights, double *totals, double *products, double *mixed, float *pulls);
// out = g (scale + mixed factor) + in (slope - pull) + shift
void ck_mixed_gradient(const float *in, const float *g, float *out, ptrdiff_t channels, ptrdiff_t positions,
                       const float *factors, const float *pulls, const float *scales, const float *mixed,
                       const float *slopes, const float *shifts);

// Local response normalisation: x times (k + alpha pooled)^-beta, pooled a sum of squares over neighbours.
// Over channels c - before to c + after: in, out [channels, positions], apart.
void ck_channel_response(const float *in, float *out, ptrdiff_t channels, ptrdiff_t positions, ptrdiff_t before,
                         ptrdiff_t after, float k, float alpha, float beta);
// g: the output's gradient, becomes the input's. scratch: 512 values a channel.
void ck_channel_response_gradient(const float *in, float *g, float *scratch, ptrdiff_t channels, ptrdiff_t positions,
                                  ptrdiff_t before, ptrdiff_t after, float k, float alpha, float beta);

// Over pixels i - before to i + after of rows and columns, of the mean square of each group of `members` channels.
typedef struct {
  ptrdiff_t channels, members, height, width;
  ptrdiff_t before, after;
  float k, alpha, beta;
} ck_pixel_response_shape;

// Values of scratch memory, which is to be 0 at first; it may be used for any number of frames of one shape.
ptrdiff_t ck_pixel_response_scratch(const ck_pixel_response_shape *shape);
// in, out [channels, height, width], apart; pooled receives the sums [group, height, width], unless it is null.
void ck_pixel_response(const float *in, float *out, float *pooled, float *scratch, const ck_pixel_response_shape *shape);
// g: the output's gradient, becomes the input's.
void ck_pixel_response_gradient(const float *in, const float *pooled, float *g, float *scratch,
                                const ck_pixel_response_shape *shape);

// gain x / sqrt(floor + s) + shift with s = keep s + (1 - keep) x^2, s = x^2 in the first frame. running: s of the frame
// before, becomes this frame's.
void ck_running_norm(const float *in, float *running, float *out, ptrdiff_t count, float keep, float floor, float gain,
                     float shift, int is_first);
// From the last frame to the first. running: s of this frame; before: s of the frame before. g: the output's gradient,
// becomes the input's. carried: gradient of s, 0 at the last frame. sums: gradients of gain, shift, floor and keep, added to.
void ck_running_norm_gradient(const float *in, const float *running, const float *before, float *g, float *carried,
                              ptrdiff_t count, float keep, float floor, float gain, int is_first, double *sums);

// Geometry of one spatial convolution; "taps" are along width for the partial columns.
typedef struct {
  ptrdiff_t channels, height, width;       // input
  ptrdiff_t rows, columns;                 // rows of the column matrix, columns of the output
  ptrdiff_t top, left;                     // input coordinate of row 0, of column 0 at tap 0 (negative in padding)
  ptrdiff_t row_step, column_step;         // input rows a row, input columns a column
  ptrdiff_t taps, tap_step;                // kernel width and its dilation
  int32_t replicate;                       // outside the input: 1 the nearest pixel, 0 zero
} ck_columns_shape;

// out [channels, taps, rows, columns]: out(c,j,y,x) = in(c, top + y row_step, left + x column_step + j tap_step).
void ck_columns(const float *in, float *out, const ck_columns_shape *shape);
// The way back: adds the columns' gradient `in` to the gradient of the planes that they were taken from.
void ck_columns_gradient(const float *in, float *out, const ck_columns_shape *shape);

// A plane with a border, folded into the plane without: the border goes to the nearest pixel, or nowhere.
typedef struct {
  ptrdiff_t height, width;          // with border
  ptrdiff_t out_height, out_width;  // without
  ptrdiff_t top, left;              // border above and on the left; below 0 the plane without has pixels that get nothing
  int32_t replicate;
} ck_fold_shape;

// Adds to out.
void ck_fold(const float *in, float *out, const ck_fold_shape *shape);

// Tiles of one frame's planes for minimal filtering: 4x4 inputs every 2 pixels, 2x2 outputs.
typedef struct {
  ptrdiff_t channels, height, width;      // planes of the input transform; channels of the output transform
  ptrdiff_t top, left;                    // input coordinate of the first tile (negative in padding)
  ptrdiff_t rows, columns;                // tiles
  ptrdiff_t out_height, out_width;
  ptrdiff_t channel_step, position_step;  // in the transformed values
  int32_t replicate;
} ck_tiles;

// G g G^T of 3x3 filters [filter, 3, 3]: out[position][filter].
void ck_winograd_filter(const float *in, float *out, ptrdiff_t count);
// Where the four columns of every tile lie in a plane, even rows before odd ones, [parity, column, rows + 1, columns];
// -1 in zero padding.
void ck_tile_sources(int32_t *out, const ck_tiles *tiles);
// out[position * position_step + channel * channel_step + tile]; scratch: as many values as there are sources.
void ck_winograd_input(const float *in, float *out, const ck_tiles *tiles, const int32_t *sources, float *scratch);
// Adds to planes [channel, out_height, out_width]; scratch: 2 rows columns values.
void ck_winograd_output(const float *in, float *out, const ck_tiles *tiles, float *scratch);

// Convolutions of few channels, without columns: planes with a border, shifted and summed in registers. The outputs of a
// plane and the values between their rows are one run; output i of it takes the inputs i + offset.
#define CK_SHIFTED_OUTPUTS 8
#define CK_PRODUCT_OUTPUTS 4
#define CK_PRODUCT_OFFSETS 6
typedef struct {
  const ptrdiff_t *frames;   // where the input frames lie
  const ptrdiff_t *offsets;  // of every channel and tap, within a frame
  ptrdiff_t frame_count, offset_count;
  ptrdiff_t outs, rows, columns;  // of the output
  ptrdiff_t row_step;             // distance of two rows, of inputs and in a run
  ptrdiff_t step;                 // of two runs: a multiple of 16; inputs are read as far as the last run goes
} ck_shifted;

// Whether sums of so many values stay in registers.
int ck_has_wide_registers(void);
// Adds to out [outs, rows, columns] the sums over frames and offsets of weights [outs in eights, frame, offset, out] times
// in. scratch: eight runs.
void ck_shifted_sums(const float *in, const ck_shifted *shape, const float *weights, float *scratch, float *out);
// in [outs, rows, columns] to runs; 0 between rows.
void ck_shifted_spread(const float *in, const ck_shifted *shape, float *out);
// Adds to out [out, offset] the products of runs g, one set of them at each of g_frames, with the inputs at the frame of the
// same number. outs and offset_count are multiples of 4 and 6 (offsets may be there twice, runs be 0).
void ck_shifted_products(const float *in, const float *g, const ptrdiff_t *g_frames, const ck_shifted *shape, float *out);

// Spectra of one frame: `rows` x `half` frequencies (the other half is conjugate), matrices `step` values apart.
typedef struct {
  ptrdiff_t channels, rows, half, step;
} ck_spectrum;

void ck_spectrum_scatter(const float *in, float *out, const ck_spectrum *shape);
void ck_spectrum_gather(const float *in, float *out, const ck_spectrum *shape);
void ck_spectrum_correlate(const float *in, float *re, float *im, ptrdiff_t ins, ptrdiff_t outs);

// Pooling of one plane in `depth` frames, which start at in + frames[z]; out one plane [out_h, out_w].
typedef struct {
  ptrdiff_t depth, height, width;  // input frames that the window covers, plane
  ptrdiff_t out_height, out_width;
  ptrdiff_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w;
} ck_pool_shape;

void ck_max_pool(const float *in, const ptrdiff_t *frames, float *out, const ck_pool_shape *shape);
// Sums over the window (zero outside), to be divided by the caller.
void ck_sum_pool(const float *in, const ptrdiff_t *frames, float *out, const ck_pool_shape *shape);

// Gradients of pooling, added to `gradient`, which lies as `in` does.
void ck_max_pool_gradient(const float *in, const ptrdiff_t *frames, const float *out_gradient, float *gradient,
                          const ck_pool_shape *shape);
void ck_sum_pool_gradient(const ptrdiff_t *frames, const float *out_gradient, float *gradient, float scale,
                          const ck_pool_shape *shape);

// Products with few rows or columns, without packing.
// c [m, n] += sum over k of a [k, m] times b [k, n]; rows lda, ldb, ldc values apart.
void ck_add_products(const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb, float *c, ptrdiff_t ldc, ptrdiff_t m,
                     ptrdiff_t n, ptrdiff_t k);
// out (row, column) = sum over pixels of maps [row, pixel] times panel [pixel, column]; maps `distance` values apart, the panel's
// rows filled up with zeros to a multiple of 8 columns.
void ck_project(const float *maps, ptrdiff_t distance, ptrdiff_t rows, ptrdiff_t pixels, const float *panel,
                ptrdiff_t columns, float *out, ptrdiff_t row_step, ptrdiff_t column_step);

#endif
