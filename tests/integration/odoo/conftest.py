from tests.integration.odoo.fixtures import odoo_database, odoo_server

__all__ = ["odoo_database", "odoo_server"]
