//! A frozen front end: what is computed of an image before the first hidden layer.

use bl_kernels::ConvShape;
use serde::{Deserialize, Serialize};

use super::{InputShape, MAX_INPUTS, range};
use crate::error::Error;

/// What stands between the images and the first hidden layer, random and frozen like all else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Front {
    /// Random filters over the image, both signs rectified and summed over the cells of a grid, brought to 8 bits.
    Conv {
        /// Number of filters.
        filters: u32,
        /// Rows and columns of a filter in pixels.
        size: u32,
        /// Rows and columns of cells.
        grid: u32,
    },
}

impl Front {
    /// Sizes of the filters on images of some shape.
    pub(crate) fn conv(&self, input: InputShape) -> ConvShape {
        let Self::Conv { filters, size, grid } = *self;
        ConvShape {
            height: input.height as usize,
            width: input.width as usize,
            channels: input.channels as usize,
            filters: filters as usize,
            size: size as usize,
            grid: grid as usize,
        }
    }

    /// What comes out, cell by cell.
    pub(crate) fn outputs(&self) -> InputShape {
        let Self::Conv { filters, grid, .. } = *self;
        InputShape { height: grid, width: grid, channels: 2 * filters }
    }

    pub(crate) fn validate(&self, input: InputShape) -> Result<(), Error> {
        const MAX_FILTERS: u32 = 4096;
        /// Some 50 ms of a core.
        const MAX_PRODUCTS: f64 = (1 << 30) as f64;
        let Self::Conv { filters, size, grid } = *self;
        let side = input.height.min(input.width);
        range("front.filters", filters.into(), 1.0, MAX_FILTERS.into())?;
        range("front.size (not larger than the images)", size.into(), 2.0, side.into())?;
        range("front.grid (cells of a pixel or more)", grid.into(), 1.0, side.into())?;
        let conv = self.conv(input);
        let products = [conv.taps(), conv.computed_filters(), conv.height, conv.width];
        let products = products.into_iter().map(|factor| factor as f64).product();
        range("products of the front end for an image", products, 1.0, MAX_PRODUCTS)?;
        range("values of the front end", self.outputs().values() as f64, 1.0, MAX_INPUTS as f64)
    }
}
