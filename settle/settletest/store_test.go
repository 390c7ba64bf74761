// SPDX-License-Identifier: Apache-2.0

package settletest_test

import (
	"testing"

	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

func TestStore(t *testing.T) {
	settletest.TestStore(t, func(*testing.T) server.Store { return settletest.NewStore() })
}
