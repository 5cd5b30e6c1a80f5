/// One spatial convolution of frames of one size.
struct SpatialShape: Hashable {
  var inputHeight: Int
  var inputWidth: Int
  var height: KernelAxis
  var width: KernelAxis
  var padding: BorderPadding

  var outputHeight: Int { height.outputs(inputHeight) }
  var outputWidth: Int { width.outputs(inputWidth) }
  var inputPlane: Int { inputHeight * inputWidth }
  var outputPlane: Int { outputHeight * outputWidth }
}
